// A conversation as a Node-RED flow, in one process without HTTP: prints how many answers a second it takes.
//
// usage: node engine.cjs FLOWS.json USERDIR CONVERSATIONS ANSWERS (paths absolute)

const RED = require("node-red");

const [file, userDir, conversations, answers] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])];

let answered = null;

RED.init({
  userDir, flowFile: file, httpAdminRoot: false, httpNodeRoot: false, disableEditor: true,
  functionGlobalContext: { answered: (id, ended) => answered(id, ended) },
  logging: { console: { level: "off" } },
});

async function main() {
  const started = new Promise((resolve) => RED.events.once("flows:started", resolve));
  await RED.start();
  await started;
  const entry = RED.nodes.getNode("entry");
  let taken = 0, open = 0;
  const began = process.hrtime.bigint();
  await new Promise((resolve) => {
    answered = (id, ended) => {
      taken += 1;
      if (!ended) return entry.receive({ conversation: id, payload: "1" });
      open -= 1;
      if (taken < answers) start(id + conversations);
      else if (open === 0) resolve();
    };
    const start = (id) => {
      open += 1;
      entry.receive({ conversation: id, payload: "1" });
    };
    for (let id = 0; id < conversations; id += 1) start(id);
  });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  process.stdout.write(`${JSON.stringify({ taken, seconds })}\n`);
  process.exit(0);
}

main();
