using System.Data;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.TokenService.Data;
using Wire = ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Audit;

/// <summary>Which entries are asked for; null: whichever.</summary>
internal sealed record AuditQuery(string? Subject, string? Action, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Reads a tenant's audit and checks its chain.</summary>
internal sealed class AuditReader(TenantDb<TokensDbContext> db)
{
    private const int ExportPage = 1_000;
    private const int LinksAtOnce = 500;

    /// <summary>At most <paramref name="count"/> entries with a smaller sequence than <paramref name="before"/>, newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> PageAsync(
        TenantId tenant, AuditQuery query, long before, int count, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        return await Matching(context, query)
            .Where(entry => entry.Sequence < before)
            .OrderByDescending(entry => entry.Sequence)
            .Take(count)
            .ToListAsync(cancellationToken);
    }

    /// <summary>All, oldest first. Between pages nothing is held in the database, however slowly they are read.</summary>
    public async IAsyncEnumerable<AuditEntry> AllAsync(
        TenantId tenant, AuditQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = long.MinValue;
        List<AuditEntry> page;
        do
        {
            await using (var context = db.For(tenant))
            {
                page = await Matching(context, query)
                    .Where(entry => entry.Sequence > after)
                    .OrderBy(entry => entry.Sequence)
                    .Take(ExportPage)
                    .ToListAsync(cancellationToken);
            }

            foreach (var entry in page)
            {
                yield return entry;
                after = entry.Sequence;
            }
        }
        while (page.Count == ExportPage);
    }

    /// <summary>Follows the chain from its start. <paramref name="knownSequence"/> 0: nothing is known of it.</summary>
    public async Task<Wire.VerifyChainResponse> VerifyAsync(
        TenantId tenant, long knownSequence, string knownHash, CancellationToken cancellationToken)
    {
        await using var context = db.For(tenant);
        // one look at all of it: entries that are written meanwhile are not seen without their link
        await using var snapshot = await context.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var (sequence, hash, known) = (0L, Array.Empty<byte>(), knownSequence == 0);
        while (true)
        {
            var links = await context.AuditBatches.AsNoTracking()
                .Where(link => link.LastSequence > sequence)
                .OrderBy(link => link.LastSequence)
                .Take(LinksAtOnce)
                .ToListAsync(cancellationToken);
            if (links.Count == 0)
            {
                break;
            }

            var upTo = links[^1].LastSequence;
            await using var entries = context.AuditEntries.AsNoTracking()
                .Where(entry => entry.Sequence > sequence && entry.Sequence <= upTo)
                .OrderBy(entry => entry.Sequence)
                .AsAsyncEnumerable()
                .GetAsyncEnumerator(cancellationToken);
            foreach (var link in links)
            {
                if (link.FirstSequence != sequence + 1)
                {
                    return Broken(sequence, hash, sequence + 1, link.LastSequence, "link_missing", "A link of the chain is missing.");
                }

                using var computed = AuditChain.StartLink(hash);
                for (var expected = link.FirstSequence; expected <= link.LastSequence; expected++)
                {
                    if (!await entries.MoveNextAsync() || entries.Current.Sequence != expected)
                    {
                        return Broken(sequence, hash, expected, expected, "entry_missing", $"Entry {expected} is missing.");
                    }

                    AuditChain.Add(computed, entries.Current, expected);
                }

                if (!CryptographicOperations.FixedTimeEquals(computed.GetHashAndReset(), link.Hash))
                {
                    return Broken(
                        sequence, hash, link.FirstSequence, link.LastSequence, "entry_changed",
                        "An entry or the link over it was changed.");
                }

                (sequence, hash) = (link.LastSequence, link.Hash);
                known |= sequence == knownSequence && Convert.ToHexStringLower(hash) == knownHash;
            }
        }

        if (await context.AuditEntries.Where(entry => entry.Sequence > sequence)
            .OrderBy(entry => entry.Sequence)
            .Select(entry => (long?)entry.Sequence)
            .FirstOrDefaultAsync(cancellationToken) is { } beyond)
        {
            return Broken(
                sequence, hash, beyond, beyond, "entry_added",
                "An entry is not under the chain: its link was taken away or never made.");
        }

        return known
            ? new Wire.VerifyChainResponse { Intact = true, LastSequence = sequence, LastHash = Convert.ToHexStringLower(hash) }
            : Broken(
                sequence, hash, knownSequence, 0, "known_link_missing",
                "The chain does not go through the link that is known of it: its end was cut off, or it was written anew.");
    }

    private static Wire.VerifyChainResponse Broken(long sequence, byte[] hash, long first, long last, string code, string message) => new()
    {
        LastSequence = sequence,
        LastHash = Convert.ToHexStringLower(hash),
        Broken = new Wire.BrokenLink { FirstSequence = first, LastSequence = last, Code = code, Message = message },
    };

    private static IQueryable<AuditEntry> Matching(TokensDbContext context, AuditQuery query)
    {
        var entries = context.AuditEntries.AsNoTracking();
        if (query.Subject is { } subject)
        {
            entries = entries.Where(entry => entry.Subject == subject);
        }

        if (query.Action is { } action)
        {
            entries = entries.Where(entry => entry.Action == action);
        }

        if (query.From is { } from)
        {
            entries = entries.Where(entry => entry.At >= from);
        }

        if (query.To is { } to)
        {
            entries = entries.Where(entry => entry.At < to);
        }

        return entries;
    }
}
