# pragma version ~=0.4.0
# Permit2's signature transfer with a witness, written from its documentation and EIP-712. Its errors
# have no arguments here; a node shows their names.

interface Token:
    def transferFrom(sender: address, receiver: address, amount: uint256) -> bool: nonpayable

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

DOMAIN: constant(bytes32) = keccak256(
    "EIP712Domain(string name,uint256 chainId,address verifyingContract)"
)
PERMISSIONS: constant(bytes32) = keccak256("TokenPermissions(address token,uint256 amount)")
STUB: constant(String[128]) = "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,"

used: HashMap[address, HashMap[uint256, bool]]


@external
def permitWitnessTransferFrom(
    permit: PermitTransferFrom, details: SignatureTransferDetails, owner: address,
    witness: bytes32, witnessTypeString: String[192], signature: Bytes[1024]
):
    if block.timestamp > permit.deadline:
        raw_revert(method_id("SignatureExpired()"))
    if details.requestedAmount > permit.permitted.amount:
        raw_revert(method_id("InvalidAmount()"))
    if self.used[owner][permit.nonce]:
        raw_revert(method_id("InvalidNonce()"))
    self.used[owner][permit.nonce] = True
    kind: bytes32 = keccak256(concat(STUB, witnessTypeString))
    permitted: bytes32 = keccak256(
        abi_encode(PERMISSIONS, permit.permitted.token, permit.permitted.amount)
    )
    terms: bytes32 = keccak256(
        abi_encode(kind, permitted, msg.sender, permit.nonce, permit.deadline, witness)
    )
    domain: bytes32 = keccak256(abi_encode(DOMAIN, keccak256("Permit2"), chain.id, self))
    digest: bytes32 = keccak256(concat(x"1901", domain, terms))
    if len(signature) != 65:
        raw_revert(method_id("InvalidSignatureLength()"))
    r: bytes32 = convert(slice(signature, 0, 32), bytes32)
    s: bytes32 = convert(slice(signature, 32, 32), bytes32)
    v: uint8 = convert(slice(signature, 64, 1), uint8)
    signer: address = ecrecover(digest, v, r, s)
    if signer == empty(address):
        raw_revert(method_id("InvalidSignature()"))
    if signer != owner:
        raw_revert(method_id("InvalidSigner()"))
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        permit.permitted.token,
        abi_encode(owner, details.to, details.requestedAmount,
                   method_id=method_id("transferFrom(address,address,uint256)")),
        max_outsize=32, revert_on_failure=False
    )
    assert success, "TRANSFER_FROM_FAILED"
