"""What a worker can reach at the most: a GET and a conditional PUT for each object, by obstore, and nothing between.

`python -m bench.ceiling FILE URL` reads the objects, pickled by key, and prints the seconds that they took.
"""

import os
import pickle
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
from obstore.store import S3Store

from bench import seaweed
from shared import aws, objects
from shared.settings import AwsSettings, WorkerSettings

THREADS = int(WorkerSettings.model_fields["worker_writers"].default)


def main() -> None:
    file, url = sys.argv[1:]
    store = aws.lake(AwsSettings(s3_endpoint=url), seaweed.BUCKET)
    contents: Mapping[str, bytes] = pickle.loads(Path(file).read_bytes())
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(_rewrite, store, key, data) for key, data in contents.items()]:
            done.result()
    print(time.perf_counter() - began)
    sys.stdout.flush()
    os._exit(0)  # obstore's runtime has nothing to tidy up


def _rewrite(store: S3Store, key: str, data: bytes) -> None:
    try:
        found = obstore.get(store, key)
        found.bytes()
        etag = found.meta["e_tag"]
    except FileNotFoundError:
        etag = None
    attributes = objects.attributes(0)
    mode: obstore.PutMode = {"e_tag": etag} if etag else "create"
    obstore.put(store, key, data, attributes=attributes, mode=mode, use_multipart=False)


if __name__ == "__main__":
    main()
