// A seller made of Express and x402's own middleware; prints the port that it listens on.
//
//     node express_app.js FACILITATOR EVM_ADDRESS SOLANA_ADDRESS

const express = require("express");
const { HTTPFacilitatorClient } = require("@x402/core/server");
const { ExactEvmScheme } = require("@x402/evm/exact/server");
const { UptoEvmScheme } = require("@x402/evm/upto/server");
const { paymentMiddleware, x402ResourceServer } = require("@x402/express");
const { ExactSvmScheme } = require("@x402/svm/exact/server");

const [facilitator, evm, solana] = process.argv.slice(2);
const EVM = "eip155:84532";
const SOLANA = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";

const server = new x402ResourceServer(new HTTPFacilitatorClient({ url: facilitator }))
  .register(EVM, new ExactEvmScheme())
  .register(EVM, new UptoEvmScheme())
  .register(SOLANA, new ExactSvmScheme());

function sold(...offers) {
  const accepts = offers.map(([scheme, network, payTo]) => ({
    scheme,
    network,
    payTo,
    price: "$0.01",
  }));
  return { accepts };
}

const app = express();
app.use(express.json());
app.use(
  paymentMiddleware(
    {
      "GET /exact": sold(["exact", EVM, evm]),
      "POST /exact": sold(["exact", EVM, evm]),
      "GET /upto": sold(["upto", EVM, evm]),
      "GET /solana": sold(["exact", SOLANA, solana]),
      "GET /both": sold(["exact", SOLANA, solana], ["exact", EVM, evm]),
    },
    server,
  ),
);
app.use((request, response) => {
  response.json({ path: request.path, body: request.body ?? null });
});
const listener = app.listen(0, "127.0.0.1", () => console.log(listener.address().port));
