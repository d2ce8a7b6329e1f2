"""A plain hook before a prompt: extends its claims, reads what others hold, and prints it for Claude Code."""

import json
import sys

import pymysql

port, database, session = sys.argv[1:]
json.load(sys.stdin)
connection = pymysql.connect(
    host="127.0.0.1", port=int(port), user="root", database=database, autocommit=True
)
with connection.cursor() as cursor:
    cursor.execute(
        """UPDATE presence_claims SET expires_at = DATE_ADD(UTC_TIMESTAMP(3), INTERVAL 900 SECOND)
           WHERE session_id = %s AND expires_at > UTC_TIMESTAMP(3)""",
        (session,),
    )
    cursor.execute(
        """SELECT resource_label, session_id, purpose FROM presence_claims
           WHERE session_id <> %s AND expires_at > UTC_TIMESTAMP(3)""",
        (session,),
    )
    lines = [f"- {label}: {purpose} by {holder}" for label, holder, purpose in cursor.fetchall()]
connection.close()
if lines:
    output = {"hookEventName": "UserPromptSubmit", "additionalContext": "\n".join(lines)}
    print(json.dumps({"hookSpecificOutput": output}))
