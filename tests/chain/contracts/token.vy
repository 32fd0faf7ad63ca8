# pragma version ~=0.4.0
# What a payment by EIP-3009 asks of USDC, written from EIP-3009, EIP-712 and ERC-20; the texts are
# those that x402's facilitator reads. A test puts the token's name in.

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

name: public(constant(String[16])) = "@NAME@"
version: public(constant(String[8])) = "2"
DOMAIN: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
TRANSFER: constant(bytes32) = keccak256(
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
authorizationState: public(HashMap[address, HashMap[bytes32, bool]])


@external
def mint(owner: address, amount: uint256):
    self.balanceOf[owner] += amount


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    return True


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    self._not_blacklisted(sender)
    self._not_blacklisted(receiver)
    assert self.allowance[sender][msg.sender] >= amount, "ERC20: transfer amount exceeds allowance"
    if self.allowance[sender][msg.sender] != max_value(uint256):
        self.allowance[sender][msg.sender] -= amount
    self._move(sender, receiver, amount)
    return True


@external
def transferWithAuthorization(
    sender: address, receiver: address, amount: uint256, validAfter: uint256,
    validBefore: uint256, nonce: bytes32, v: uint8, r: bytes32, s: bytes32
):
    self._not_blacklisted(sender)
    self._not_blacklisted(receiver)
    assert block.timestamp > validAfter, "FiatTokenV2: authorization is not yet valid"
    assert block.timestamp < validBefore, "FiatTokenV2: authorization is expired"
    assert not self.authorizationState[sender][nonce], "FiatTokenV2: authorization is used or canceled"
    domain: bytes32 = keccak256(
        abi_encode(DOMAIN, keccak256(name), keccak256(version), chain.id, self)
    )
    terms: bytes32 = keccak256(
        abi_encode(TRANSFER, sender, receiver, amount, validAfter, validBefore, nonce)
    )
    digest: bytes32 = keccak256(concat(x"1901", domain, terms))
    assert convert(s, uint256) <= HALF_ORDER, "ECRecover: invalid signature 's' value"
    assert v == 27 or v == 28, "ECRecover: invalid signature 'v' value"
    signer: address = ecrecover(digest, v, r, s)
    assert signer != empty(address), "ECRecover: invalid signature"
    assert signer == sender, "FiatTokenV2: invalid signature"
    self.authorizationState[sender][nonce] = True
    self._move(sender, receiver, amount)


@internal
def _not_blacklisted(account: address):
    # USDC has blacklisted itself, so that nobody sends it money by mistake.
    assert account != self, "Blacklistable: account is blacklisted"


@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "ERC20: transfer to the zero address"
    assert self.balanceOf[sender] >= amount, "ERC20: transfer amount exceeds balance"
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, value=amount)
