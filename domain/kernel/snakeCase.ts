/** A name as it stands on the wire: `VehicleRetired` and `vehicleRetired` are `vehicle_retired`. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter, at: number) => `${at > 0 ? '_' : ''}${letter.toLowerCase()}`);
