"""Programs around a language model: prompts, tools, steps that wait for each other, a memory."""
