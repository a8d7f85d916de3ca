"""Uploads a file, waits until it is ready, and asks a question about it:

    DOCENT_URL=http://127.0.0.1:8000 python3 ask.py FILE QUESTION
"""

import os
import sys

import requests

URL = os.environ.get("DOCENT_URL", "http://127.0.0.1:8000").rstrip("/")


def checked(response):
    """Returns the JSON of a success; ends with code and detail of anything else."""
    if not response.ok:
        problem = response.json()
        sys.exit(f"{problem['code']}: {problem['detail']}")
    return response.json()


def main():
    if len(sys.argv) < 3:
        sys.exit("Usage: python3 ask.py FILE QUESTION")
    path, question = sys.argv[1], " ".join(sys.argv[2:])
    session = requests.Session()
    if token := os.environ.get("DOCENT_TOKEN"):
        session.headers["Authorization"] = f"Bearer {token}"

    with open(path, "rb") as file:
        files = {"files": (os.path.basename(path), file)}
        batch = checked(session.post(f"{URL}/agent/upload", files=files, timeout=600))
    while True:
        # the service answers as soon as the task ends, or after 20 seconds
        task = checked(session.get(f"{URL}/agent/status/{batch['task_id']}", params={"wait": 20}, timeout=60))
        if task["status"] in ("SUCCESS", "FAILURE", "REVOKED"):
            break
    if task["status"] != "SUCCESS":
        sys.exit(f"The file ended as {task['status']}: {task['error'] or task['children']}")

    response = checked(session.post(f"{URL}/agent/search", json={"prompt": question}, timeout=300))
    print(response["answer"])
    for citation in response["citations"]:
        name = response["results"][citation["result"]]["metadata"]["filename"]
        page = "" if citation["page"] is None else f", page {citation['page']}"
        verified = "" if citation["verified"] else " (not verified)"
        print(f"{citation['marker']} {name}{page}: “{citation['quote']}”{verified}")
    sys.exit(0 if response["answered"] else 1)


if __name__ == "__main__":
    main()
