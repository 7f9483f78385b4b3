#!/usr/bin/env python3
"""Makes local/dynamo/empty-tables.db.gz: the file that the DynamoDB engine of the local cloud begins with.

dynoxide 1.2 looks for the last record of a stream at each write, and for the next ones at each read, without an
index: both take longer with every record that the stream has. Here they get one. Run it again when dynoxide changes:

    python3 scripts/empty-tables.py
"""
import gzip
import pathlib
import socket
import sqlite3
import subprocess
import tempfile
import time

repository = pathlib.Path(__file__).resolve().parent.parent
engine = repository / "node_modules/@dynoxide/linux-x64/dynoxide"
result = repository / "local/dynamo/empty-tables.db.gz"

indexes = [
    "CREATE INDEX _stream_records_by_sequence ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    "CREATE INDEX _stream_records_by_shard ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER))",
]

with tempfile.TemporaryDirectory() as directory:
    file = pathlib.Path(directory, "tables.db")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([engine, "serve", "--port", str(port), "--db-path", file], stdout=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    process.terminate()
    process.wait()
    database = sqlite3.connect(file)
    for index in indexes:
        database.execute(index)
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("VACUUM")
    database.close()
    result.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    print(f"{result.relative_to(repository)}: {result.stat().st_size} bytes")
