-- A user's first day is the first within the days asked for: begin well before the users that matter joined.
WITH days AS (
  SELECT DISTINCT user_id, event, CAST("date" AS date) AS day
  FROM events
  WHERE type = 'track' AND user_id IS NOT NULL AND "date" BETWEEN ? AND ?
),
joined AS (
  SELECT user_id, min(day) AS day FROM days GROUP BY user_id
),
returned AS (
  SELECT DISTINCT days.user_id
  FROM days JOIN joined ON days.user_id = joined.user_id
  WHERE date_diff('day', joined.day, days.day) BETWEEN 7 AND 13
)
SELECT days.event,
       count(*) AS users,
       count(returned.user_id) AS came_back,
       round(100.0 * count(returned.user_id) / count(*), 1) AS percent
FROM joined
JOIN days ON days.user_id = joined.user_id AND days.day = joined.day
LEFT JOIN returned ON returned.user_id = joined.user_id
GROUP BY days.event
ORDER BY percent DESC
