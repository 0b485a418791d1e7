-- Without the user's shard (first hex digit of md5 of the percent-encoded id) all 16 are looked at.
SELECT "timestamp", type, event, name, properties
FROM events
WHERE user_id = ? AND "date" BETWEEN ? AND ?
ORDER BY "timestamp"
