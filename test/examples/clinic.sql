-- Each statement selects rows that are wrong.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM diagnoses
SELECT 'too few rows' WHERE (SELECT count(*) FROM diagnoses) < 50 OR (SELECT count(*) FROM prescriptions) < 50 OR (SELECT count(*) FROM lab_results) < 50;

-- some department has a head, and not all need one
-- broken by: UPDATE departments SET head_id = NULL
SELECT 'no head at all' WHERE NOT EXISTS (SELECT 1 FROM departments WHERE head_id IS NOT NULL);

-- doctors have been there for half a year or more, and none is without a department
-- broken by: UPDATE doctors SET since = '2025-12-01' WHERE doctor_id = 501
SELECT doctor_id FROM doctors LEFT JOIN departments USING (department_id) WHERE since NOT BETWEEN '2005-01-01' AND '2025-07-05' OR department_name IS NULL;

-- nobody is at two appointments at once
-- broken by: CREATE TEMP TABLE appointments AS SELECT * FROM appointments; UPDATE temp.appointments SET slot_id = 1, doctor_id = 501
SELECT slot_date, slot_time FROM appointments JOIN slots USING (slot_id)
GROUP BY slot_date, slot_time HAVING count(DISTINCT doctor_id) < count(*) OR count(DISTINCT patient_id) < count(*);

-- slots are in November 2025, in the clinic's hours
-- broken by: UPDATE slots SET slot_time = '17:00:00' WHERE slot_id = 1
SELECT slot_id FROM slots WHERE slot_date NOT BETWEEN '2025-11-03' AND '2025-11-28' OR slot_time NOT BETWEEN '08:00:00' AND '16:30:00';

-- everybody is born
-- broken by: UPDATE patients SET birth_date = '2026-01-02' WHERE rowid = 1
SELECT patient_id FROM patients WHERE birth_date > '2026-01-01';

-- the contact is another person
-- broken by: UPDATE patients SET contact_name = first_name || ' ' || last_name
SELECT 'the contact is always the patient' WHERE NOT EXISTS (SELECT 1 FROM patients WHERE contact_name <> first_name || ' ' || last_name);

-- minutes are within the bounds of the visit's law
-- broken by: UPDATE appointments SET minutes = 4 WHERE appointment_id = 10001
SELECT appointment_id FROM appointments
WHERE CASE visit WHEN 'first' THEN minutes NOT BETWEEN 15 AND 60 WHEN 'follow-up' THEN minutes NOT BETWEEN 5 AND 40 ELSE minutes NOT BETWEEN 10 AND 20 END;

-- a note fits its visit
-- broken by: UPDATE appointments SET note = 'History taken.'
SELECT appointment_id FROM appointments WHERE note IN ('History taken.', 'Referred by the general practitioner.') AND visit <> 'first';

-- diagnoses are numbered 1, 2, 3, at most three of an appointment, no code twice
-- broken by: UPDATE diagnoses SET diagnosis_no = 4 WHERE rowid = 1
SELECT appointment_id FROM diagnoses GROUP BY appointment_id
HAVING min(diagnosis_no) <> 1 OR max(diagnosis_no) <> count(*) OR count(*) > 3 OR count(DISTINCT code) < count(*);

-- the shuffled list of substances gives each of them once
-- broken by: DELETE FROM medications WHERE medication_id = 70
SELECT 'a substance is missing' WHERE (SELECT count(DISTINCT substance) FROM medications WHERE unit = 'mg') <> 12;

-- a prescription starts with its appointment and lasts three days or more
-- broken by: UPDATE prescriptions SET ends_on = starts_on WHERE rowid = 1
SELECT medication_id FROM prescriptions JOIN appointments USING (appointment_id) JOIN slots USING (slot_id)
WHERE starts_on <> slot_date OR julianday(ends_on) - julianday(starts_on) NOT BETWEEN 3 AND 60;

-- at most three prescriptions of an appointment, and the daily dose is the product
-- broken by: UPDATE prescriptions SET daily_mg = daily_mg + 1 WHERE rowid = 1
SELECT appointment_id FROM prescriptions GROUP BY appointment_id HAVING count(*) > 3 OR max(daily_mg <> dose_mg * times_a_day);

-- the unit and the range follow from the test
-- broken by: UPDATE lab_results SET unit = 'g'
SELECT result_id FROM lab_results
WHERE unit <> CASE test WHEN 'glucose' THEN 'mg/dL' WHEN 'haemoglobin' THEN 'g/dL' ELSE 'ng/mL' END
  OR value_minor NOT BETWEEN CASE test WHEN 'glucose' THEN 600 WHEN 'haemoglobin' THEN 80 ELSE 50 END
    AND CASE test WHEN 'glucose' THEN 3000 WHEN 'haemoglobin' THEN 190 ELSE 9000 END;

-- the two halves of glucose leave nothing between 125.0 and 126.0
-- broken by: UPDATE lab_results SET value_minor = 1255 WHERE test = 'glucose'
SELECT result_id FROM lab_results WHERE test = 'glucose' AND value_minor > 1250 AND value_minor < 1260;

-- high is what is above the test's limit, unknown where the value is
-- broken by: UPDATE lab_results SET is_high = NOT is_high WHERE value_minor IS NOT NULL
SELECT result_id FROM lab_results
WHERE is_high IS NOT (value_minor > CASE test WHEN 'glucose' THEN 1250 WHEN 'haemoglobin' THEN 175 ELSE 3000 END);
