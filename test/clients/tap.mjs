// What the programs here print: TAP, a line for each test.

let tests = 0;

// A test passes unless its body throws.
export async function test(name, body) {
  tests++;
  try {
    await body();
    console.log(`ok ${tests} - ${name}`);
  } catch (error) {
    console.log(`not ok ${tests} - ${name}`);
    console.log(String(error.stack).replace(/^/gm, '# '));
  }
}

export function end() {
  console.log(`1..${tests}`);
}
