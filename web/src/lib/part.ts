// Parts of pages, taken from the pages themselves: what opens beside the map is the page that opens without script.

/** The elements `[data-part=name]` of the page at `address`; throws where the network or the server fails. */
export async function fetchParts(address: string, names: readonly string[], signal?: AbortSignal): Promise<Element[]> {
  const response = await fetch(address, { headers: { Accept: "text/html" }, ...(signal ? { signal } : {}) });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return names.map((name) => {
    const part = page.querySelector(`[data-part="${name}"]`) ?? page.querySelector(".problem");
    if (!part) throw new Error(`${address} has no part ${name} (${response.status})`);
    return document.adoptNode(part);
  });
}

export async function fetchPart(address: string, name: string, signal?: AbortSignal): Promise<Element> {
  const [part] = await fetchParts(address, [name], signal);
  if (!part) throw new Error(`${address} has no part ${name}`);
  return part;
}
