SELECT "date", event, count(*) AS events, count(DISTINCT user_id) AS users
FROM events
WHERE type = 'track' AND "date" BETWEEN ? AND ?
GROUP BY "date", event
ORDER BY "date", users DESC
