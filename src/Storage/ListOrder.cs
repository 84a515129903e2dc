using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Storage;

/// <summary>The order of a list as a caller asks for it in <c>order_by</c> (AIP-132): by one field, down or up.</summary>
public static class ListOrder
{
    /// <summary>True for the smallest first. Without a direction, and without anything, the largest comes first.</summary>
    /// <param name="orderBy">As it was sent; empty for none.</param>
    /// <param name="field">By which the list can be in order.</param>
    /// <exception cref="Grpc.Core.RpcException">It is another order.</exception>
    public static bool IsAscending(string orderBy, string field) => orderBy.Trim() switch
    {
        "" => false,
        var asked when asked == $"{field} asc" => true,
        var asked when asked == $"{field} desc" || asked == field => false,
        _ => throw Failure.InvalidField("order_by", $"order_by must be \"{field} desc\" or \"{field} asc\".").ToRpcException(),
    };
}
