"""SQL over a copy of the lake: `python docs/ask.py "SELECT event, count(*) FROM events GROUP BY 1" [FOLDER]`.

The statement that makes the view is the one to use anywhere: the columns are named, so that DuckDB need not open every
file to find them.
"""

import sys

import duckdb

EVENTS = """
CREATE VIEW events AS SELECT * FROM read_json(
    '{lake}/events/**/*.jsonl.gz', format = 'newline_delimited', maximum_object_size = 1048576,
    columns = {{
        event_id: 'VARCHAR', type: 'VARCHAR', event: 'VARCHAR', name: 'VARCHAR', user_id: 'VARCHAR',
        anonymous_id: 'VARCHAR', timestamp: 'TIMESTAMP', original_timestamp: 'VARCHAR', sent_at: 'VARCHAR',
        properties: 'JSON', traits: 'JSON', context: 'JSON', group_id: 'VARCHAR', previous_id: 'VARCHAR',
        extra: 'JSON', received_at: 'TIMESTAMP', source: 'VARCHAR'
    }}
)
"""

if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    lake = sys.argv[2] if len(sys.argv) == 3 else ".touchlake/demo/lake"
    connection = duckdb.connect()
    connection.execute(EVENTS.format(lake=lake))
    connection.sql(sys.argv[1]).show()
