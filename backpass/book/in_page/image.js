// Python's memory as it is once Python has started and imported what exercises import: it is kept
// when the book is built (image.mjs) and taken up in a page (worker.js), which is sooner done than to
// start. Both create Pyodide's module by this, since the memory is right only where the same compiled
// code has been loaded in the same order.
globalThis.backpassImage = (() => {
  const PAGE = 65536; // bytes, of which WebAssembly gives memory
  const TIME = 10n ** 18n; // nanoseconds since 1970
  // What would tell of the browser, and what orders sets.
  const ENVIRONMENT = { LANG: "en_US.UTF-8", _: "python", PYTHONHASHSEED: "0" };

  /** What creates the module, by Pyodide's own `create`.
   *
   * `libraries` promises [name below site-packages, compiled code], in order. The memory has `size`
   * bytes at least; `begun` is called with it before anything of Python has run. Until then no
   * time passes and no number is random, so that it is the same everywhere; nor afterwards unless
   * it `lives`.
   */
  const creating = (create, { libraries, size = 0, begun, lives = false }) => (settings) => {
    const broken = libraries.then(() => new Promise(() => {}));
    settings.thisProgram = "python";
    settings.preRun.push(async (module) => {
      Object.assign(module.ENV, ENVIRONMENT);
      module.addRunDependency("libraries");
      const how = { loadAsync: true, nodelete: true };
      for (const [name, code] of await libraries) {
        const path = `${module.API.sitePackages}/${name}`;
        module.preloadedWasm[path] = await module.loadWebAssemblyModule(code, how, path, {});
      }
      module.removeRunDependency("libraries");
    });
    const { instantiateWasm } = settings;
    let live = false;
    settings.instantiateWasm = (imports, done) => {
      const { env, wasi_snapshot_preview1: wasi } = imports;
      const replace = (whose, name, other) => {
        const own = whose[name];
        whose[name] = (...given) => (live ? own : other)(...given);
      };
      replace(wasi, "random_get", (place, bytes) => {
        settings.HEAPU8.fill(0, place, place + bytes);
        return 0;
      });
      replace(wasi, "clock_time_get", (clock, precision, place) => {
        new DataView(settings.HEAPU8.buffer).setBigUint64(place, TIME, true);
        return 0;
      });
      replace(env, "emscripten_get_now", () => 0);
      replace(env, "emscripten_date_now", () => 0);
      return instantiateWasm(imports, (instance, code) => {
        const { memory } = instance.exports;
        const missing = Math.ceil((size - memory.buffer.byteLength) / PAGE);
        if (missing > 0) memory.grow(missing);
        done(instance, code);
      });
    };
    settings.onRuntimeInitialized = () => {
      live = lives;
      begun(settings.HEAPU8);
    };
    return Promise.race([create(settings), broken]);
  };

  /** What tells one memory from another one. */
  const sum = (words) => {
    let found = 0;
    for (let place = 0; place < words.length; place++) found = (Math.imul(found, 31) + words[place]) | 0;
    return found;
  };

  // Most of the memory is as the libraries bring it along themselves, or empty. What has changed is
  // kept, in which bits it differs, block by block.
  const BLOCK = 64; // words

  /** The blocks of `after` that differ from `before`, as [first word, number of words], and how. */
  const differences = (before, after) => {
    const earlier = new Int32Array(after.length);
    earlier.set(before); // it was smaller
    const runs = [];
    const differing = new Int32Array(after.length);
    let next = 0;
    for (let start = 0; start < after.length; start += BLOCK) {
      const end = Math.min(start + BLOCK, after.length);
      let place = start;
      while (place < end && after[place] === earlier[place]) place++;
      if (place === end) continue;
      const [from, count] = runs.at(-1) ?? [];
      if (from + count === start) runs.at(-1)[1] += end - start;
      else runs.push([start, end - start]);
      for (place = start; place < end; place++) differing[next++] = after[place] ^ earlier[place];
    }
    return [runs, differing.slice(0, next)];
  };

  /** Have `words`, which are as before, differ so. */
  const differ = (words, runs, differing) => {
    let next = 0;
    for (const [start, count] of runs) {
      for (let place = start; place < start + count; place++) words[place] ^= differing[next++];
    }
  };

  return { creating, sum, differences, differ };
})();
