// Stops what jest-infrastructure-setup.mjs started and removes its folder.
export default async function tearDown() {
  await globalThis.stopSharedInfrastructure?.();
}
