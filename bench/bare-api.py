# What `health/live` is measured against beside Fastify: FastAPI with uvicorn alone.
import socket
import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/health/live")
async def live():
    return {"status": "ok"}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(2048)
print(f"listens on http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])
