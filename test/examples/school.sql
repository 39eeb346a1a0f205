-- Each statement selects rows that are wrong.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM prerequisites
SELECT 'too few rows' WHERE (SELECT count(*) FROM enrolments) < 108 OR (SELECT count(*) FROM grades) < 80 OR (SELECT count(*) FROM prerequisites) < 8;

-- teachers stand at most three levels high, with one of them at the top of each way
-- broken by: UPDATE teachers SET manager_id = teacher_id WHERE teacher_id = 12
WITH RECURSIVE way (teacher_id, top, level) AS (
  SELECT teacher_id, manager_id, 1 FROM teachers
  UNION ALL
  SELECT way.teacher_id, teachers.manager_id, level + 1 FROM way JOIN teachers ON teachers.teacher_id = way.top WHERE level < 5
)
SELECT teacher_id FROM way GROUP BY teacher_id HAVING max(level) > 3 OR sum(top IS NULL) <> 1;

-- some teacher has somebody above
-- broken by: UPDATE teachers SET manager_id = NULL
SELECT 'a flat school' WHERE NOT EXISTS (SELECT 1 FROM teachers WHERE manager_id IS NOT NULL);

-- a teacher reports to the manager's own address
-- broken by: UPDATE teachers SET reports_to = 'x' WHERE teacher_id = 11
SELECT teacher.teacher_id FROM teachers AS teacher LEFT JOIN teachers AS manager ON manager.teacher_id = teacher.manager_id
WHERE teacher.reports_to IS NOT manager.email;

-- teachers are hired in January, September or October
-- broken by: UPDATE teachers SET hired_on = '2015-05-05' WHERE teacher_id = 11
SELECT teacher_id FROM teachers WHERE substr(hired_on, 6, 2) NOT IN ('01', '09', '10') OR hired_on NOT BETWEEN '2004-09-01' AND '2025-08-31';

-- credits follow from the level, lessons start in the morning
-- broken by: UPDATE courses SET credits = 4 WHERE course_id = 301
SELECT course_id FROM courses WHERE credits <> 3 + level * 2 OR lesson_starts NOT BETWEEN '08:10:00' AND '13:30:59';

-- no course demands itself, or one course twice, or more than three
-- broken by: CREATE TEMP TABLE prerequisites AS SELECT * FROM prerequisites; UPDATE temp.prerequisites SET required_id = course_id
SELECT course_id FROM prerequisites GROUP BY course_id HAVING max(course_id = required_id) OR count(DISTINCT required_id) < count(*) OR count(*) > 3;

-- the year is the year of birth
-- broken by: UPDATE students SET birth_year = birth_year + 1 WHERE student_id = 7001
SELECT student_id FROM students WHERE birth_year <> CAST(substr(birth_date, 1, 4) AS INTEGER) OR birth_year NOT BETWEEN 2007 AND 2011;

-- each student takes 3 to 6 courses
-- broken by: DELETE FROM enrolments WHERE student_id = 7001
SELECT students.student_id FROM students LEFT JOIN enrolments USING (student_id) GROUP BY students.student_id HAVING count(course_id) NOT BETWEEN 3 AND 6;

-- count, best and worst are those of the grades; without any, count is 0 and the others are NULL
-- broken by: UPDATE enrolments SET grades_given = grades_given + 1 WHERE rowid = 1
SELECT student_id, course_id FROM enrolments LEFT JOIN grades USING (student_id, course_id) GROUP BY student_id, course_id
HAVING grades_given <> count(grade_no) OR best_grade_minor IS NOT max(grade_minor) OR worst_grade_minor IS NOT min(grade_minor);
-- broken by: DELETE FROM enrolments WHERE grades_given = 0
SELECT 'everybody has grades' WHERE NOT EXISTS (SELECT 1 FROM enrolments WHERE grades_given = 0 AND best_grade IS NULL);

-- grades are numbered 1, 2, 3, …
-- broken by: UPDATE grades SET grade_no = grade_no + 1000
SELECT student_id, course_id FROM grades GROUP BY student_id, course_id HAVING min(grade_no) <> 1 OR max(grade_no) <> count(*);

-- a grade comes a week after the enrolment or later, on a school day (0 is Sunday), passed from 6.0 on
-- broken by: UPDATE grades SET given_on = '2025-12-14' WHERE rowid = 1
SELECT grade_no FROM grades JOIN enrolments USING (student_id, course_id)
WHERE julianday(given_on) < julianday(enrolled_on) + 7 OR given_on > '2025-12-20' OR strftime('%w', given_on) IN ('0', '6') OR passed <> (grade_minor >= 60);

-- whoever is there has at least a 4.0
-- broken by: UPDATE grades SET grade_minor = 39
SELECT grade_no FROM grades JOIN enrolments USING (student_id, course_id) WHERE attendance_minor >= 900 AND grade_minor < 40;
