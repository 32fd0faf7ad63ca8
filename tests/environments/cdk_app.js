// A shop that takes payments, in CDK's L1 constructs: node cdk_app.js OUTPUT-DIRECTORY NAME [DESCRIPTION]
const { App, CfnOutput, Stack } = require("aws-cdk-lib");
const payments = require("aws-cdk-lib/aws-bedrockagentcore");
const iam = require("aws-cdk-lib/aws-iam");

const [outdir, name, description] = process.argv.slice(2);
const app = new App({ outdir, analyticsReporting: false });
const stack = new Stack(app, "Shop");
const role = new iam.Role(stack, "Role", {
  assumedBy: new iam.ServicePrincipal("bedrock-agentcore.amazonaws.com"),
});
const provider = new payments.CfnPaymentCredentialProvider(stack, "Provider", {
  name: "coinbase",
  credentialProviderVendor: "CoinbaseCDP",
  providerConfigurationInput: {
    coinbaseCdpConfiguration: {
      apiKeyId: "key",
      apiKeySecretSource: "EXTERNAL",
      apiKeySecretConfig: { secretId: "coinbase", jsonKey: "apiKey" },
      walletSecretSource: "EXTERNAL",
      walletSecretConfig: { secretId: "coinbase", jsonKey: "wallet" },
    },
  },
});
const manager = new payments.CfnPaymentManager(stack, "Manager", {
  name,
  description,
  authorizerType: "AWS_IAM",
  roleArn: role.roleArn,
  tags: [{ key: "team", value: "shop" }],
});
const connector = new payments.CfnPaymentConnector(stack, "Connector", {
  paymentManagerId: manager.attrPaymentManagerId,
  connectorName: "wallets",
  connectorType: "CoinbaseCDP",
  credentialProviderConfigurations: [
    { coinbaseCdp: { credentialProviderArn: provider.attrCredentialProviderArn } },
  ],
});
connector.addDependency(manager);
new CfnOutput(stack, "ManagerArn", { value: manager.ref });
new CfnOutput(stack, "ConnectorId", { value: connector.attrPaymentConnectorId });
app.synth();
