using System.Globalization;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Audit;

/// <summary>
/// A chain's end as its service signs it: with the key of its tickets, so that there is one key per service to keep and to replace. Whoever
/// can write where heads are kept can forge none.
/// </summary>
public static class HeadSignature
{
    private const string Kind = "audit_head";
    private const string Tenant = "tenant";
    private const string Head = "head";

    extension(Tickets tickets)
    {
        internal SignedHead Sign(TenantId tenant, ChainPoint head) => new()
        {
            TenantId = tenant.ToString(),
            Head = head,
            Signature = tickets.State(new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [Tenant] = tenant.ToString(),
                [Head] = TextOf(head),
                ["kind"] = Kind,
            }),
        };
    }

    extension(TicketCheck trust)
    {
        /// <summary>Whether <paramref name="service"/> has signed that its chain of this tenant goes through there.</summary>
        public async Task<bool> HasSignedAsync(string service, SignedHead head) =>
            await trust.ReadStatementAsync(service, head.Signature) is { } statement
            && statement.TryGetPayloadValue<string>("kind", out var kind) && kind == Kind
            && statement.TryGetPayloadValue<string>(Tenant, out var tenant) && tenant == head.TenantId
            && statement.TryGetPayloadValue<string>(Head, out var signed) && signed == TextOf(head.Head);
    }

    private static string TextOf(ChainPoint head) => string.Create(CultureInfo.InvariantCulture, $"{head.Sequence} {head.Hash}");
}
