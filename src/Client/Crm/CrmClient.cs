using ZohoPlatform.Client.Http;

namespace ZohoPlatform.Client.Crm;

/// <summary>What is read from Zoho CRM.</summary>
public sealed class CrmClient
{
    internal CrmClient(GatewayCalls calls) => Feeds = new FeedsClient(calls);

    /// <summary>Modules that are followed.</summary>
    public FeedsClient Feeds { get; }
}
