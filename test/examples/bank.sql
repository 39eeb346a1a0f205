-- Each statement selects rows that are wrong.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM cards
SELECT 'too few rows' WHERE (SELECT count(*) FROM accounts) < 25 OR (SELECT count(*) FROM transactions) < 80 OR (SELECT count(*) FROM cards) < 15 OR (SELECT count(*) FROM beneficiaries) < 30;

-- some customers have no account
-- broken by: DELETE FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM accounts)
SELECT 'everybody has an account' WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM accounts));

-- segment and income follow from the year of birth
-- broken by: UPDATE customers SET segment = CASE segment WHEN 'private' THEN 'student' ELSE 'private' END
SELECT customer_id FROM customers
WHERE CASE WHEN birth_date >= '2000' THEN segment = 'private' ELSE segment = 'student' END
  OR CASE segment WHEN 'student' THEN yearly_income NOT BETWEEN 0 AND 20000 WHEN 'private' THEN yearly_income NOT BETWEEN 100000 AND 900000 ELSE yearly_income NOT BETWEEN 9000 AND 99000 END
  OR display_name <> last_name || ', ' || first_name;

-- account numbers go up by seven
-- broken by: UPDATE accounts SET account_id = account_id + 1 WHERE rowid = 500
SELECT account_id FROM accounts WHERE account_id < 500 OR (account_id - 500) % 7 <> 0;

-- an account is opened sixteen years after the birth at the earliest, a month ago at the latest
-- broken by: UPDATE accounts SET opened_on = '1940-01-01' WHERE account_id = 500
SELECT account_id FROM accounts JOIN customers USING (customer_id)
WHERE julianday(opened_on) - julianday(birth_date) < 5845 OR opened_on > '2025-12-01' OR (interest_minor > 0) <> (kind = 'savings');

-- count and balance are those of the transactions, numbered 1 to at most 40
-- broken by: UPDATE transactions SET amount_minor = amount_minor - 1 WHERE rowid = 1
SELECT accounts.account_id FROM accounts LEFT JOIN transactions USING (account_id) GROUP BY accounts.account_id
HAVING movements <> count(transaction_no) OR balance_minor IS NOT sum(amount_minor) OR count(transaction_no) NOT BETWEEN 1 AND 40 OR max(transaction_no) <> count(transaction_no);

-- the first movement is a deposit, and the sign follows from the type
-- broken by: UPDATE transactions SET amount_minor = 0 WHERE rowid = 1
SELECT transaction_no FROM transactions
WHERE transaction_no = 1 AND type <> 'deposit'
  OR CASE type WHEN 'deposit' THEN amount_minor NOT BETWEEN 10000 AND 900000 WHEN 'fee' THEN amount_minor <> -450
    WHEN 'transfer' THEN abs(amount_minor) NOT BETWEEN 100 AND 30000 ELSE amount_minor NOT BETWEEN -12000 AND -50 END;

-- movements are of the last month, and none is booked from one to five at night
-- broken by: UPDATE transactions SET booked_at = '2025-12-24T03:00:00Z' WHERE rowid = 1
SELECT transaction_no FROM transactions WHERE booked_at NOT BETWEEN '2025-12-02' AND '2026-01-01' OR substr(booked_at, 12, 2) BETWEEN '01' AND '04';

-- a reference fits its type
-- broken by: UPDATE transactions SET reference = 'Monthly fee'
SELECT transaction_no FROM transactions WHERE (reference = 'Monthly fee') <> (type = 'fee') AND reference IS NOT NULL;

-- activity is uneven: the busiest tenth of the accounts has at least a fifth of the movements
-- broken by: UPDATE accounts SET movements = 1
SELECT 'even activity' WHERE (
  SELECT sum(movements) FROM (SELECT movements FROM accounts ORDER BY movements DESC LIMIT (SELECT (count(*) + 9) / 10 FROM accounts))
) * 5 < (SELECT count(*) FROM transactions);

-- a card is its account holder's, issued while the account is open, for four years
-- broken by: UPDATE cards SET holder = 'x' WHERE rowid = 1
SELECT card_id FROM cards JOIN accounts USING (account_id) JOIN customers USING (customer_id)
WHERE issued_on < opened_on OR issued_on > '2026-01-01' OR julianday(expires_on) - julianday(issued_on) <> 1461 OR holder <> display_name;

-- not every account has a card
-- broken by: DELETE FROM accounts WHERE account_id NOT IN (SELECT account_id FROM cards)
SELECT 'a card for everybody' WHERE (SELECT count(*) FROM cards) >= (SELECT count(*) FROM accounts);

-- students have no loans, nobody is one's own guarantor, and the interest is principal by rate, rounded to the cent
-- broken by: UPDATE loans SET yearly_interest_minor = yearly_interest_minor - 1 WHERE loan_id = 1
SELECT loan_id FROM loans JOIN customers USING (customer_id)
WHERE segment = 'student' OR guarantor_id = customer_id OR yearly_interest_minor <> (principal_minor * rate_minor + 500) / 1000;

-- who borrows earns more than the average customer
-- broken by: UPDATE loans SET customer_id = (SELECT customer_id FROM customers ORDER BY yearly_income LIMIT 1)
SELECT 'poor borrowers' WHERE (SELECT avg(yearly_income) FROM loans JOIN customers USING (customer_id)) < (SELECT avg(yearly_income) FROM customers);

-- nobody pays oneself or somebody twice, or more than four; the nickname is the payee's
-- broken by: CREATE TEMP TABLE beneficiaries AS SELECT * FROM beneficiaries; UPDATE temp.beneficiaries SET payee_id = customer_id
SELECT payer.customer_id FROM customers AS payer JOIN beneficiaries USING (customer_id) JOIN customers AS payee ON payee.customer_id = payee_id
GROUP BY payer.customer_id HAVING max(payer.customer_id = payee_id) OR count(DISTINCT payee_id) < count(*) OR count(*) > 4 OR max(nickname <> payee.first_name);
