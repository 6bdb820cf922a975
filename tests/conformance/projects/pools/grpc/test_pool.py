from concurrent import futures

import grpc
import pytest


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(2))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


SERVER, PORT = serve()
CHANNEL = grpc.insecure_channel(f"127.0.0.1:{PORT}")
grpc.channel_ready_future(CHANNEL).result(5)


@pytest.mark.parametrize("i", range(4))
def test_talks(i):
    server, port = serve()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    grpc.channel_ready_future(channel).result(5)
    channel.close()
    server.stop(0)
