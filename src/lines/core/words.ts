/** A word of the memory, as an address or a number of bytes. */
export function wordAt(address: usize): usize {
  return load<u32>(address) as usize;
}

export function setWord(address: usize, value: usize): void {
  store<u32>(address, value as u32);
}
