-- Each statement selects rows that are wrong.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM alerts
SELECT 'too few rows' WHERE (SELECT count(*) FROM devices) < 18 OR (SELECT count(*) FROM readings) < 100 OR (SELECT count(*) FROM alerts) < 5;

-- keys are uuids of the version asked for
-- broken by: UPDATE devices SET device_id = replace(device_id, '-4', '-7')
SELECT device_id FROM devices WHERE substr(device_id, 15, 1) <> '4' OR substr(device_id, 20, 1) NOT IN ('8', '9', 'a', 'b');
-- broken by: UPDATE alerts SET alert_id = substr(alert_id, 1, 14) || '1' || substr(alert_id, 16) WHERE rowid = 1
SELECT alert_id FROM alerts WHERE substr(alert_id, 15, 1) <> '7';

-- each site counts its 3 to 8 devices, each on a bench of its own
-- broken by: UPDATE sites SET device_count = device_count + 1 WHERE rowid = 1
SELECT sites.site_code FROM sites LEFT JOIN devices USING (site_code) GROUP BY sites.site_code
HAVING device_count <> count(device_id) OR count(device_id) NOT BETWEEN 3 AND 8 OR count(DISTINCT position) < count(*);

-- the unit follows from the type
-- broken by: UPDATE devices SET unit = '' WHERE rowid = 1
SELECT device_id FROM devices WHERE unit <> CASE type WHEN 'thermometer' THEN '°C' WHEN 'hygrometer' THEN '%' ELSE 'openings' END;

-- how often a device reports follows from its type, and its readings are numbered 1, 2, 3, …
-- broken by: DELETE FROM readings WHERE reading_no = 1
SELECT devices.device_id FROM devices LEFT JOIN readings USING (device_id) GROUP BY devices.device_id
HAVING CASE type WHEN 'thermometer' THEN count(reading_no) <> 12 WHEN 'hygrometer' THEN count(reading_no) NOT BETWEEN 4 AND 8 ELSE 0 END
  OR max(reading_no) <> count(reading_no) OR min(reading_no) <> 1;

-- a device knows count, highest value and last time of its readings; without any, 0 and NULL
-- broken by: UPDATE devices SET highest_minor = highest_minor + 1
SELECT devices.device_id FROM devices LEFT JOIN readings USING (device_id) GROUP BY devices.device_id
HAVING reading_count <> count(reading_no) OR highest_minor IS NOT max(value_minor) OR last_seen_at IS NOT max(observed_at);

-- a value is within the law of its device's type and its site's climate
-- broken by: UPDATE readings SET value_minor = 12000
SELECT reading_no FROM readings JOIN devices USING (device_id) JOIN sites USING (site_code)
WHERE CASE
  WHEN type = 'thermometer' AND climate = 'tropical' THEN value_minor NOT BETWEEN 1800 AND 4000
  WHEN type = 'thermometer' THEN value_minor NOT BETWEEN 400 AND 3500
  WHEN type = 'hygrometer' THEN value_minor NOT BETWEEN 2000 AND 10000
  ELSE value_minor NOT BETWEEN 0 AND 2000 OR value_minor % 100 <> 0 END;

-- some signals are lost, most are not
-- broken by: UPDATE readings SET value_minor = 2000
SELECT 'no or too many losses' WHERE (SELECT avg(value_minor IS NULL) FROM readings) NOT BETWEEN 0.01 AND 0.2;

-- tropical houses are warmer on average, if there are any
-- broken by: UPDATE sites SET climate = iif(rowid = 1, 'tropical', 'temperate'); UPDATE devices SET type = 'thermometer'; UPDATE readings SET value_minor = 2000
SELECT 'cold tropics' FROM (
  SELECT avg(value) FILTER (WHERE climate = 'tropical') AS tropical, avg(value) FILTER (WHERE climate = 'temperate') AS temperate
  FROM readings JOIN devices USING (device_id) JOIN sites USING (site_code) WHERE type = 'thermometer'
) WHERE tropical < 3 + temperate;

-- an alert is as severe as its reading says, and names its device
-- broken by: UPDATE alerts SET severity = CASE severity WHEN 'info' THEN 'warning' ELSE 'info' END
SELECT alert_id FROM alerts JOIN readings USING (device_id, reading_no) JOIN devices USING (device_id)
WHERE severity <> CASE WHEN coalesce(value_minor, 0) > 8000 THEN 'critical' WHEN battery_minor < 50 THEN 'warning' ELSE 'info' END
  OR message <> type || ' at ' || site_code || '/' || position || ': ' || severity;

-- at most two alerts of a reading, 1 to 90 seconds after it
-- broken by: UPDATE alerts SET raised_at = '2025-12-31T12:00:00.000Z'
SELECT device_id, reading_no FROM alerts JOIN readings USING (device_id, reading_no) GROUP BY device_id, reading_no
HAVING count(*) > 2 OR min(unixepoch(raised_at, 'subsec') - unixepoch(observed_at, 'subsec')) < 0.999 OR max(unixepoch(raised_at, 'subsec') - unixepoch(observed_at, 'subsec')) > 90.001;
