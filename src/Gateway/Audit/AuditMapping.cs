using System.Globalization;
using System.Text.Json;
using ZohoPlatform.Api.Audit;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using Contract = ZohoPlatform.Contracts.Audit.V1;

namespace ZohoPlatform.Gateway.Audit;

internal static class AuditMapping
{
    extension(Contract.AuditLogEntry entry)
    {
        public AuditEntry ToApi() => new(
            entry.Service,
            entry.Sequence,
            entry.Id,
            entry.OccurredAt.ToDateTimeOffset(),
            entry.Actor,
            ContractValues.OrNull(entry.FromAddress),
            ContractValues.OrNull(entry.TraceId),
            entry.Action,
            entry.Subject,
            JsonElement.Parse(entry.Details));
    }

    extension(Contract.VerifyChainResponse chain)
    {
        public VerifiedChain ToApi(string service) => new(
            service,
            chain.Intact ? ChainState.Intact : ChainState.Broken,
            chain.Last?.Sequence ?? 0,
            chain.Last?.Hash,
            chain.Broken is { } broken ? new BrokenLink(broken.FirstSequence, broken.LastSequence, broken.Code, broken.Message) : null,
            Missing: null);
    }

    /// <summary>What a caller says to know of chains, <c>service:sequence:hash</c> each, by service.</summary>
    public static Result<List<(string Service, Contract.ChainPoint Point)>> KnownOf(string[]? known)
    {
        var points = new List<(string Service, Contract.ChainPoint Point)>();
        foreach (var text in known ?? [])
        {
            if (text.Split(':') is not [var service, var sequence, var hash]
                || !long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return Failure.InvalidField(
                    "known", "known must be service:last_sequence:last_hash of an earlier answer, such as tokens:1187:9f86...; it may be repeated.");
            }

            points.Add((service, new Contract.ChainPoint { Sequence = count, Hash = hash }));
        }

        return points;
    }
}
