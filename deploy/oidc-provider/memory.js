// What the provider remembers: in memory, and longer than any one instance of it, so that a rotation of keys signs nobody out.

const models = new Map(); // name → Map of id → {payload, expires}

export class Memory {
  constructor(name) {
    if (!models.has(name)) models.set(name, new Map());
    this.kept = models.get(name);
  }

  async upsert(id, payload, seconds) {
    this.kept.set(id, { payload, expires: seconds ? Date.now() + seconds * 1000 : Infinity });
  }

  async find(id) {
    const found = this.kept.get(id);
    if (found && found.expires > Date.now()) return found.payload;
    this.kept.delete(id);
    return undefined;
  }

  async findByUid(uid) {
    return this.first((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode) {
    return this.first((payload) => payload.userCode === userCode);
  }

  async consume(id) {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    this.kept.delete(id);
  }

  async revokeByGrantId(grantId) {
    for (const [id, { payload }] of this.kept) {
      if (payload.grantId === grantId) this.kept.delete(id);
    }
  }

  first(matches) {
    for (const { payload, expires } of this.kept.values()) {
      if (expires > Date.now() && matches(payload)) return payload;
    }
    return undefined;
  }

  // all lists what is kept under a model's name.
  static all(name) {
    const now = Date.now();
    return [...(models.get(name)?.values() ?? [])].filter(({ expires }) => expires > now).map(({ payload }) => payload);
  }
}
