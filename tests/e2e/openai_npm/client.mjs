// Asks a server through the unmodified npm client and prints what came as JSON: node client.mjs URL
// SPDX-License-Identifier: Apache-2.0
import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "none", maxRetries: 0 });
const model = (await client.models.list()).data[0].id;
const messages = [{ role: "user", content: "Say hello." }];
const greedy = { model, temperature: 0, max_tokens: 16 };
const schema = {
  type: "object",
  properties: { colour: { type: "string", maxLength: 12 } },
  required: ["colour"],
  additionalProperties: false,
};

async function streamed_chat() {
  const stream = await client.chat.completions.create({ ...greedy, messages, stream: true, stream_options: { include_usage: true } });
  const pieces = [];
  let finish = null;
  let usage = null;
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    if (choice?.delta.content) pieces.push(choice.delta.content);
    finish = choice?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  return { pieces, finish, usage };
}

async function run_by_helper() {
  const runner = client.chat.completions.stream({ ...greedy, messages });
  return (await runner.finalChatCompletion()).choices[0].message.content;
}

async function streamed_completion() {
  const stream = await client.completions.create({ ...greedy, prompt: "One, two, three,", stream: true });
  const pieces = [];
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.text ?? "");
  return pieces;
}

async function structured() {
  const answer = await client.chat.completions.create({
    ...greedy,
    max_tokens: 64,
    messages: [{ role: "user", content: "Name a colour." }],
    response_format: { type: "json_schema", json_schema: { name: "colour", strict: true, schema } },
  });
  return answer.choices[0].message.content;
}

async function refusal() {
  try {
    await client.chat.completions.create({ ...greedy, messages, top_logprobs: 99, logprobs: true });
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, param: error.param, message: error.message };
  }
}

async function stopped_early() {
  const stream = await client.chat.completions.create({ ...greedy, max_tokens: 4000, ignore_eos: true, messages, stream: true });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content) break; // the client aborts the request
  }
  return true;
}

const whole = await client.chat.completions.create({ ...greedy, messages });
const text = await client.completions.create({ ...greedy, prompt: "One, two, three," });
console.log(
  JSON.stringify({
    model,
    chat: whole.choices[0].message.content,
    streamed_chat: await streamed_chat(),
    by_helper: await run_by_helper(),
    completion: text.choices[0].text,
    streamed_completion: await streamed_completion(),
    structured: await structured(),
    refusal: await refusal(),
    stopped_early: await stopped_early(),
  }),
);
