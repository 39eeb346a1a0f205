-- Each statement selects rows that are wrong.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM memberships
SELECT 'too few rows' WHERE (SELECT count(*) FROM memberships) < 20 OR (SELECT count(*) FROM invoice_lines) < 16 OR (SELECT count(*) FROM events) <> 300;

-- keys are uuids of the version asked for
-- broken by: UPDATE tenants SET tenant_id = replace(tenant_id, '-7', '-4')
SELECT tenant_id FROM tenants WHERE substr(tenant_id, 15, 1) <> '7' OR substr(tenant_id, 20, 1) NOT IN ('8', '9', 'a', 'b');
-- broken by: UPDATE events SET event_id = substr(event_id, 1, 19) || 'c' || substr(event_id, 21) WHERE rowid = 1
SELECT event_id FROM events WHERE substr(event_id, 15, 1) <> '7' OR substr(event_id, 20, 1) NOT IN ('8', '9', 'a', 'b');

-- users are numbered 1, 2, 3, … in each tenant, 3 to 12 of them, and the first one alone owns it
-- broken by: UPDATE users SET role = 'owner' WHERE user_no = 2
SELECT tenants.tenant_id FROM tenants LEFT JOIN users USING (tenant_id) GROUP BY tenants.tenant_id
HAVING count(user_no) NOT BETWEEN 3 AND 12 OR min(user_no) <> 1 OR max(user_no) <> count(user_no) OR sum(role = 'owner') <> 1 OR max((role = 'owner') <> (user_no = 1));

-- nobody joins before the tenant is there; its time has milliseconds, the user's has none
-- broken by: UPDATE users SET joined_at = '2010-01-01T12:00:00Z' WHERE user_no = 1
SELECT user_no FROM users JOIN tenants USING (tenant_id) WHERE unixepoch(joined_at) < unixepoch(created_at) OR julianday(joined_at) - julianday(created_at) > 190.01;

-- teams are numbered in each tenant, 2 to 4 of them
-- broken by: DELETE FROM teams WHERE team_no = 1
SELECT tenants.tenant_id FROM tenants LEFT JOIN teams USING (tenant_id) GROUP BY tenants.tenant_id
HAVING count(team_no) NOT BETWEEN 2 AND 4 OR min(team_no) <> 1 OR max(team_no) <> count(team_no);

-- a user is in at most two teams, since joining
-- broken by: UPDATE memberships SET added_on = '2010-01-01T12:00:00Z' WHERE rowid = 1
SELECT tenant_id, user_no FROM memberships JOIN users USING (tenant_id, user_no) GROUP BY tenant_id, user_no HAVING count(*) > 2 OR min(added_on) < max(joined_at);

-- a subscription for each tenant, at the plan's price
-- broken by: DELETE FROM subscriptions WHERE rowid = 1
SELECT tenants.tenant_id FROM tenants LEFT JOIN subscriptions USING (tenant_id)
WHERE seat_price_minor IS NOT CASE plan WHEN 'free' THEN 0 WHEN 'team' THEN 1250 WHEN 'business' THEN 2900 END OR plan IS NULL;

-- invoices are numbered 1, 2, …, 2 to 5 of them, thirty days apart, due in fourteen
-- broken by: UPDATE invoices SET issued_on = date(issued_on, '+1 day') WHERE rowid = 1
SELECT subscriptions.subscription_id FROM subscriptions LEFT JOIN invoices USING (subscription_id) GROUP BY subscriptions.subscription_id
HAVING count(invoice_no) NOT BETWEEN 2 AND 5 OR min(invoice_no) <> 1 OR max(invoice_no) <> count(invoice_no)
  OR max(julianday(issued_on) - julianday(started_on) <> 30 * invoice_no) OR max(julianday(due_on) - julianday(issued_on) <> 14)
  OR min(julianday(due_on) - julianday(remind_on)) < 2 OR max(julianday(due_on) - julianday(remind_on)) > 5;

-- the total is the sum of the lines, the largest is among them, lines are numbered
-- broken by: UPDATE invoice_lines SET amount_minor = amount_minor + 1 WHERE rowid = 1
SELECT invoice_no FROM invoices LEFT JOIN invoice_lines USING (subscription_id, invoice_no) GROUP BY invoices.subscription_id, invoices.invoice_no
HAVING total_minor IS NOT sum(amount_minor) OR largest_line_minor IS NOT max(amount_minor) OR count(line_no) NOT BETWEEN 1 AND 3 OR max(line_no) <> count(line_no);

-- a line costs quantity times the price of its item, and the first line is the seats
-- broken by: UPDATE invoice_lines SET item = 'support' WHERE line_no = 1
SELECT line_no FROM invoice_lines JOIN subscriptions USING (subscription_id)
WHERE amount_minor <> quantity * CASE item WHEN 'seats' THEN seat_price_minor ELSE 175 END OR (line_no = 1) <> (item = 'seats');

-- what is overdue was due, what is open is not
-- broken by: UPDATE invoices SET status = 'overdue', due_on = '2026-02-01' WHERE rowid = 1
SELECT invoice_no FROM invoices WHERE status = 'open' AND due_on < '2026-01-01' OR status = 'overdue' AND due_on >= '2026-01-01';

-- events happen on working days (0 is Sunday), between 06:00 and 20:00, in the last four weeks
-- broken by: UPDATE events SET occurred_at = '2025-12-21T10:00:00.000Z' WHERE rowid = 1
SELECT event_id FROM events WHERE strftime('%w', occurred_at) IN ('0', '6') OR substr(occurred_at, 12, 2) NOT BETWEEN '06' AND '19' OR occurred_at < '2025-12-04' OR occurred_at >= '2026-01-01';

-- an event is somebody's or nobody's, never half, and both occur
-- broken by: UPDATE events SET user_no = NULL WHERE rowid < 10
SELECT event_id FROM events WHERE (tenant_id IS NULL) <> (user_no IS NULL);
-- broken by: UPDATE events SET tenant_id = NULL, user_no = NULL
SELECT 'nobody or everybody' WHERE (SELECT count(user_no) FROM events) NOT BETWEEN 200 AND 299;

-- the busiest user does at least three times the average
-- broken by: DELETE FROM events WHERE rowid NOT IN (SELECT min(rowid) FROM events GROUP BY tenant_id, user_no)
SELECT 'no busy user' WHERE (SELECT max(n) FROM (SELECT count(*) AS n FROM events WHERE user_no IS NOT NULL GROUP BY tenant_id, user_no)) * (SELECT count(*) FROM users) < 3 * 300;
