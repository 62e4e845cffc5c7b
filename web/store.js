// Chats in IndexedDB, one record a chat. Without IndexedDB (private windows, policies) nothing is kept.
const kDatabase = "samovar";
const kChats = "chats";

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
}

async function open() {
  const request = indexedDB.open(kDatabase, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(kChats, { keyPath: "id" });
  const database = await done(request);
  database.onversionchange = () => database.close();
  return database;
}

export class Store {
  #database = null;

  // RETURNS all chats; throws when the browser keeps nothing.
  async load() {
    this.#database = await open();
    return done(this.#database.transaction(kChats).objectStore(kChats).getAll());
  }

  // RETURNS one chat, or undefined.
  async get(id) {
    return done(this.#database.transaction(kChats).objectStore(kChats).get(id));
  }

  // Throws QuotaExceededError when the storage is full.
  async put(chats) {
    await this.#change((store) => chats.forEach((chat) => store.put(chat)));
  }

  async remove(id) {
    await this.#change((store) => store.delete(id));
  }

  async clear() {
    await this.#change((store) => store.clear());
  }

  async #change(work) {
    if (!this.#database) return;
    const transaction = this.#database.transaction(kChats, "readwrite");
    const end = committed(transaction);
    work(transaction.objectStore(kChats));
    transaction.commit(); // now, without another turn: the page may be on its way out
    await end;
  }
}
