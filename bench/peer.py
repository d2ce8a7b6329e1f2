"""One claim by a plain client of the 8-column table: writes its row, then reads the other holders."""

import sys

import pymysql

port, database, session, label = sys.argv[1:]
connection = pymysql.connect(
    host="127.0.0.1", port=int(port), user="root", database=database, autocommit=True
)
with connection.cursor() as cursor:
    cursor.execute(
        """REPLACE INTO presence_claims
             (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name)
           VALUES (%s, %s, %s, UTC_TIMESTAMP(3), DATE_ADD(UTC_TIMESTAMP(3), INTERVAL 900 SECOND), %s, %s, %s)""",
        (session, label, "measure how long this takes", "host", "user", "agent"),
    )
    cursor.execute(
        """SELECT session_id, purpose, claimed_at, expires_at, host, user, agent_name FROM presence_claims
           WHERE resource_label = %s AND session_id <> %s AND expires_at > UTC_TIMESTAMP(3)""",
        (label, session),
    )
    others = cursor.fetchall()
connection.close()
print(f"claimed {label}")
for other in others:
    print("also claimed by", *other)
