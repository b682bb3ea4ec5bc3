// Clicks through the application, as a person would: check.mjs URL DIRECTORY CHROMIUM
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [url, directory, executablePath] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ baseURL: url, viewport: { width: 1200, height: 900 } });
const page = await context.newPage();
const complaints = [];
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));

const look = (name) => page.screenshot({ path: `${directory}/${name}.png`, fullPage: true });
const number = async (id) => Number(await page.locator(`#${id}`).innerText());
const heading = () => page.locator("h1").innerText();
const menu = (name) => page.getByRole("navigation").getByRole("link", { name }).click();

// Asks again until it is so.
async function becomes(id, value) {
  for (let tries = 0; (await number(id)) !== value; tries++) {
    assert.ok(tries < 50, `#${id} is ${await number(id)}, not ${value}`);
    await page.getByRole("link", { name: "Count again" }).click();
    await page.waitForLoadState();
  }
}

async function posts() {
  await page.goto("/");
  assert.equal(await heading(), "Latest posts");
  assert.equal(await page.locator("article").count(), 8);
  assert.ok((await number("queries")) < (await number("calls")), "some calls share a run");
  await look("front");

  const title = page.locator("article h2 a").first();
  const text = await title.innerText();
  await title.click();
  assert.equal(await heading(), text);
  const comments = await page.locator(".comments li").count();
  assert.ok((await number("queries")) < 2 + comments, "a query for each user, not each comment");
  assert.equal(await page.locator(".bar").count(), await number("queries"));
  await look("post");

  const author = page.locator("main > .byline .user");
  const name = await author.innerText();
  await author.click();
  assert.equal(await heading(), name);
  await look("user");
  await page.locator(".names a").first().click();
  assert.notEqual(await heading(), name);
}

async function failures() {
  await menu("Broken");
  assert.match(await page.locator("main").innerText(), /Something went wrong/);
  assert.equal(await number("failed"), 2);
  await look("broken");
  assert.match(complaints.pop(), /500/);
  await page.goto("/users/999");
  assert.match(await page.locator("main").innerText(), /Sorry, there is no user 999\./);
  assert.match(complaints.pop(), /404/);
}

async function settings() {
  await menu("Settings");
  const motto = page.locator(".motto");
  const before = await motto.innerText();
  await page.getByLabel("Motto").fill("Now with <runce>");
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await motto.innerText(), before, "it is remembered");
  const read = await number("read");
  await page.getByRole("button", { name: "Forget" }).click();
  assert.equal(await motto.innerText(), "Now with <runce>");
  assert.equal(await number("read"), read + 1);
  await look("settings");
}

async function hangUp() {
  await menu("Hang up");
  const dropped = await number("dropped");
  const link = page.getByRole("link", { name: "Open the slow page" });
  const slow = await context.newPage();
  const visit = slow.goto(await link.getAttribute("href")).catch((error) => error);
  await becomes("working", 3);
  await look("hang-up");
  await slow.close();
  assert.ok((await visit) instanceof Error, "it never arrived");
  await becomes("dropped", dropped + 3);
  await becomes("contexts", 1); // this page's own
}

async function otherScreens() {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/posts/300");
  await look("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of ["/", "/posts/300", "/hang-up", "/settings"]) {
    await page.goto(path);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} pixels wide`);
  }
  await page.goto("/posts/300");
  await look("narrow");
}

await posts();
await failures();
await settings();
await hangUp();
await otherScreens();
assert.deepEqual(complaints, []);
await browser.close();
