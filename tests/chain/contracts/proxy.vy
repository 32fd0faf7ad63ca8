# pragma version ~=0.4.0
# One of x402's two Permit2 proxies, written from x402's specification of its schemes. A test
# chooses the parts of exact or of upto.

struct TokenPermissions:
    token: address
    amount: uint256

struct PermitTransferFrom:
    permitted: TokenPermissions
    nonce: uint256
    deadline: uint256

struct SignatureTransferDetails:
    to: address
    requestedAmount: uint256

struct Witness:
    to: address
    @FACILITATOR@
    validAfter: uint256

interface Permit2:
    def permitWitnessTransferFrom(
        permit: PermitTransferFrom, details: SignatureTransferDetails, owner: address,
        witness: bytes32, witnessTypeString: String[192], signature: Bytes[1024]
    ): nonpayable

PERMIT2: constant(address) = 0x000000000022D473030F116dDEE9F6B43aC78BA3
WITNESS: constant(String[96]) = "@WITNESS@"


@external
def settle(
    permit: PermitTransferFrom, @AMOUNT@ owner: address, witness: Witness, signature: Bytes[1024]
):
    @CHECKS@
    if owner == empty(address):
        raw_revert(method_id("InvalidOwner()"))
    if witness.to == empty(address):
        raw_revert(method_id("InvalidDestination()"))
    if block.timestamp < witness.validAfter:
        raw_revert(method_id("PaymentTooEarly()"))
    extcall Permit2(PERMIT2).permitWitnessTransferFrom(
        permit,
        SignatureTransferDetails(to=witness.to, requestedAmount=@TAKEN@),
        owner,
        keccak256(abi_encode(keccak256(WITNESS), witness)),
        concat("Witness witness)TokenPermissions(address token,uint256 amount)", WITNESS),
        signature,
    )
