# pragma version ~=0.4.0
# What x402's facilitator asks of Multicall3: several calls, each with its success.

struct Call:
    target: address
    callData: Bytes[2048]

struct Result:
    success: bool
    returnData: Bytes[1024]


@external
def tryAggregate(requireSuccess: bool, calls: DynArray[Call, 8]) -> DynArray[Result, 8]:
    results: DynArray[Result, 8] = []
    for each: Call in calls:
        success: bool = False
        answer: Bytes[1024] = b""
        success, answer = raw_call(
            each.target, each.callData, max_outsize=1024, revert_on_failure=False
        )
        assert success or not requireSuccess, "Multicall3: call failed"
        results.append(Result(success=success, returnData=answer))
    return results
