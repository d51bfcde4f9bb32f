/** Built as a worker of its own; the value is its address. */
declare module "*?worker&url" {
  const address: string;
  export default address;
}
