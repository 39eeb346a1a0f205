/** What one would write first: an object a row, parents in arrays, then the CSV library. */
import { faker } from "@faker-js/faker/locale/en";
import { stringify } from "csv-stringify/sync";

/** The parents' addresses, which the loop keeps in memory. */
const ADDRESSES = Array.from({ length: 1_000 }, naiveAddress);

export function naiveOrders(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const quantity = faker.number.int({ min: 1, max: 5 });
    const price = faker.number.float({ min: 2, max: 900, fractionDigits: 2 });
    return {
      order_id: 3001 + i,
      customer_id: 1001 + faker.number.int({ max: 99_999 }),
      product_id: 2001 + faker.number.int({ max: 9_999 }),
      order_date: faker.date.between({ from: "2023-01-01", to: "2026-01-01" }).toISOString().slice(0, 10),
      quantity,
      total_amount: (quantity * price).toFixed(2),
      status: faker.helpers.arrayElement(["Pending", "Processing", "Shipped", "Delivered", "Cancelled"]),
      shipping_address: faker.helpers.arrayElement(ADDRESSES),
    };
  });
  return stringify(rows, { header: true });
}

export function naiveCustomers(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const first_name = faker.person.firstName();
    const last_name = faker.person.lastName();
    return {
      customer_id: 1001 + i,
      first_name,
      last_name,
      email: faker.internet.email({ firstName: first_name, lastName: last_name }),
      phone: faker.phone.number(),
      address: naiveAddress(),
      registration_date: faker.date.between({ from: "2023-01-01", to: "2026-01-01" }).toISOString().slice(0, 10),
      customer_tier: faker.helpers.weightedArrayElement([
        { value: "Bronze", weight: 50 },
        { value: "Silver", weight: 30 },
        { value: "Gold", weight: 15 },
        { value: "Platinum", weight: 5 },
      ]),
    };
  });
  return stringify(rows, { header: true });
}

function naiveAddress(): string {
  const { location } = faker;
  return `${location.streetAddress()}, ${location.city()}, ${location.state({ abbreviated: true })} ${location.zipCode()}`;
}
