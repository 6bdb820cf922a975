class Config_:
    def loads(self):
        pass
