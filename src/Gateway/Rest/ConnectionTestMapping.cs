using ZohoPlatform.Api.Connections;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>What a test of a connection found, for the connection itself and for the settings that it serves.</summary>
internal static class ConnectionTestMapping
{
    extension(Contract.TestConnectionResponse test)
    {
        public ConnectionTest ToApi() => new(test.Ok, OrNull(test.Code), test.Message)
        {
            Findings =
            [
                .. test.Findings.Select(finding => new ConnectionFinding(
                    finding.Name, finding.Status.As<FindingStatus>(), OrNull(finding.Code), finding.Message)),
            ],
        };
    }
}
