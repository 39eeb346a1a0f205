-- Each statement selects rows that are wrong.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM parcels
SELECT 'too few rows' WHERE (SELECT count(*) FROM shipments) < 15 OR (SELECT count(*) FROM stops) < 30 OR (SELECT count(*) FROM parcels) < 15;

-- each carrier's vehicles are numbered 1, 2, 3, …, 1 to 4 of them
-- broken by: UPDATE vehicles SET vehicle_no = vehicle_no + 1000
SELECT company_id FROM companies LEFT JOIN vehicles ON carrier_id = company_id GROUP BY company_id
HAVING count(vehicle_no) NOT BETWEEN 1 AND 4 OR min(vehicle_no) <> 1 OR max(vehicle_no) <> count(vehicle_no);

-- the payload fits the type
-- broken by: UPDATE vehicles SET payload_kg = 15000 WHERE rowid = 1
SELECT plate FROM vehicles
WHERE CASE type WHEN 'van' THEN payload_kg NOT BETWEEN 700 AND 1400 WHEN 'truck' THEN payload_kg NOT BETWEEN 3000 AND 12000 ELSE payload_kg NOT BETWEEN 20000 AND 26000 END;

-- inspected in the last year
-- broken by: UPDATE vehicles SET inspected_on = '2024-12-31' WHERE rowid = 1
SELECT plate FROM vehicles WHERE inspected_on NOT BETWEEN '2025-01-01' AND '2026-01-01';

-- a company's cutoff is in the afternoon
-- broken by: UPDATE companies SET cutoff = '11:59:59' WHERE company_id = 1
SELECT company_id FROM companies WHERE cutoff NOT BETWEEN '12:00:00' AND '18:00:59';

-- a shipment has a vehicle with its carrier, or neither
-- broken by: UPDATE shipments SET vehicle_no = NULL
SELECT shipment_id FROM shipments WHERE (carrier_id IS NULL) <> (vehicle_no IS NULL);

-- booked in the window, never on a Sunday; then picked up 2 to 96 hours later; papers 30 to 119 minutes before that
-- broken by: UPDATE shipments SET pickup_at = booked_at
SELECT shipment_id FROM shipments
WHERE booked_at NOT BETWEEN '2025-09-03' AND '2025-12-03' OR strftime('%w', booked_at) = '0'
  OR unixepoch(pickup_at) - unixepoch(booked_at) NOT BETWEEN 2 * 3600 AND 96 * 3600
  OR unixepoch(pickup_at) - unixepoch(documents_by) NOT BETWEEN 30 * 60 AND 119 * 60;

-- delivered after exactly the hours in transit
-- broken by: UPDATE shipments SET transit_hours = transit_hours + 1
SELECT shipment_id FROM shipments WHERE unixepoch(delivered_at) - unixepoch(pickup_at) <> transit_hours * 3600;

-- the status follows from the hours
-- broken by: UPDATE shipments SET status = 'late' WHERE transit_hours <= 48
SELECT shipment_id FROM shipments WHERE status <> CASE WHEN transit_hours > 200 THEN 'lost' WHEN transit_hours > 48 THEN 'late' ELSE 'on time' END;

-- stops are numbered 1, 2, 3, …, 2 to 5 of them
-- broken by: DELETE FROM stops WHERE stop_no = 1
SELECT shipments.shipment_id FROM shipments LEFT JOIN stops USING (shipment_id) GROUP BY shipments.shipment_id
HAVING count(stop_no) NOT BETWEEN 2 AND 5 OR min(stop_no) <> 1 OR max(stop_no) <> count(stop_no);

-- one leg for each stop, as long as the stop says
-- broken by: UPDATE legs SET distance_km_minor = distance_km_minor + 1 WHERE rowid = 1
SELECT stop_no FROM stops LEFT JOIN legs USING (shipment_id, stop_no) GROUP BY stops.shipment_id, stops.stop_no
HAVING count(leg_id) <> 1 OR stops.distance_km_minor IS NOT sum(legs.distance_km_minor);

-- the distance of a shipment is that of its legs, two tables below
-- broken by: UPDATE shipments SET distance_km_minor = distance_km_minor - 1
SELECT shipments.shipment_id FROM shipments LEFT JOIN legs USING (shipment_id) GROUP BY shipments.shipment_id
HAVING shipments.distance_km_minor IS NOT sum(legs.distance_km_minor);

-- the weight of a shipment is that of its parcels, numbered 1 to at most 12
-- broken by: UPDATE parcels SET weight_kg_minor = weight_kg_minor + 1 WHERE rowid = 1
SELECT shipments.shipment_id FROM shipments LEFT JOIN parcels USING (shipment_id) GROUP BY shipments.shipment_id
HAVING shipments.weight_kg_minor IS NOT sum(parcels.weight_kg_minor) OR count(parcel_no) NOT BETWEEN 1 AND 12 OR max(parcel_no) <> count(parcel_no);

-- toll is 19 cents a kilometre, rounded to the cent: tenths of a kilometre times 19 are tenths of a cent
-- broken by: UPDATE legs SET toll_minor = toll_minor + 1 WHERE rowid = 1
SELECT leg_id FROM legs WHERE toll_minor <> (distance_km_minor * 19 + 5) / 10 OR leg_id % 10 <> 1;

-- handling follows from weight and fragility
-- broken by: UPDATE parcels SET fragile = NOT fragile WHERE rowid = 1
SELECT parcel_no FROM parcels WHERE handling <> CASE WHEN fragile AND weight_kg_minor > 100 THEN 'two people' WHEN fragile THEN 'by hand' ELSE 'belt' END;
