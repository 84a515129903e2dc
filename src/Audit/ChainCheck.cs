using System.Data;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Audit;

/// <summary>Follows a tenant's chain from its start to its end, once.</summary>
internal sealed class ChainCheck
{
    private const int LinksAtOnce = 500;
    private const int Sha256Digits = 64;
    private const int MostKnown = 10;

    private readonly List<ChainPoint> _known;
    private long _sequence;
    private byte[] _hash = [];

    /// <param name="known">What the chain must go through.</param>
    /// <exception cref="Grpc.Core.RpcException">That cannot be known.</exception>
    public ChainCheck(IEnumerable<ChainPoint> known)
    {
        _known = [.. known.OrderBy(point => point.Sequence)];
        if (_known.Count > MostKnown
            || _known.Exists(point => point.Sequence < 1 || point.Hash.Length != Sha256Digits || !point.Hash.All(char.IsAsciiHexDigitLower)))
        {
            throw Failure.InvalidField(
                "known", $"known holds what earlier answers said of last, at most {MostKnown}: a count and 64 lower-case hex digits.").ToRpcException();
        }
    }

    public async Task<VerifyChainResponse> RunAsync(TenantDbContext context, CancellationToken cancellationToken)
    {
        // one look at all of it: entries that are written meanwhile are not seen without their link
        await using var snapshot = await context.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var entries = context.Set<ChainedEntry>().AsNoTracking();
        var links = context.Set<AuditLink>().AsNoTracking();
        // the first is 1: what stands below it is under no link, or under one that is none
        if (await entries.OrderBy(entry => entry.Sequence).FirstOrDefaultAsync(cancellationToken) is { Sequence: < 1 and var below })
        {
            return Broken(below, below, "entry_added", "An entry stands before the chain's first: it was never part of it.");
        }

        if (await links.OrderBy(link => link.LastSequence).FirstOrDefaultAsync(cancellationToken) is { LastSequence: < 1 } forged)
        {
            return Broken(forged.FirstSequence, forged.LastSequence, "link_added", "A link stands before the chain's first.");
        }

        while (true)
        {
            var (after, some) = (_sequence, await links
                .Where(link => link.LastSequence > _sequence)
                .OrderBy(link => link.LastSequence)
                .Take(LinksAtOnce)
                .ToListAsync(cancellationToken));
            if (some.Count == 0)
            {
                break;
            }

            var upTo = some[^1].LastSequence;
            await using var covered = entries
                .Where(entry => entry.Sequence > after && entry.Sequence <= upTo)
                .OrderBy(entry => entry.Sequence)
                .AsAsyncEnumerable()
                .GetAsyncEnumerator(cancellationToken);
            foreach (var link in some)
            {
                if (await FollowAsync(link, covered) is { } broken)
                {
                    return broken;
                }
            }
        }

        if (await entries.Where(entry => entry.Sequence > _sequence).OrderBy(entry => entry.Sequence).FirstOrDefaultAsync(cancellationToken)
            is { Sequence: var beyond })
        {
            return Broken(beyond, beyond, "entry_added", "An entry is not under the chain: its link was taken away or never made.");
        }

        return _known is [var missing, ..]
            ? Broken(missing.Sequence, 0, "end_missing", $"The chain was known to have {missing.Sequence} entries: its end was cut off.")
            : new VerifyChainResponse { Intact = true, Last = Last() };
    }

    /// <summary>The chain up to this link, or what is wrong with it.</summary>
    private async Task<VerifyChainResponse?> FollowAsync(AuditLink link, IAsyncEnumerator<ChainedEntry> entries)
    {
        if (link.FirstSequence != _sequence + 1)
        {
            return Broken(_sequence + 1, link.LastSequence, "link_missing", "A link of the chain is missing.");
        }

        using var computed = ChainHash.Start(_hash);
        for (var expected = link.FirstSequence; expected <= link.LastSequence; expected++)
        {
            if (!await entries.MoveNextAsync() || entries.Current.Sequence != expected)
            {
                return Broken(expected, expected, "entry_missing", $"Entry {expected} is missing.");
            }

            ChainHash.Add(computed, entries.Current, expected);
        }

        if (!CryptographicOperations.FixedTimeEquals(computed.GetHashAndReset(), link.Hash))
        {
            return Broken(link.FirstSequence, link.LastSequence, "entry_changed", "An entry or the link over it was changed.");
        }

        var digits = Convert.ToHexStringLower(link.Hash);
        while (_known is [var point, ..] && point.Sequence <= link.LastSequence)
        {
            if (point.Sequence != link.LastSequence || point.Hash != digits)
            {
                return Broken(
                    link.FirstSequence, link.LastSequence, "known_link_missing",
                    "The chain does not go through what is known of it: it was written anew.");
            }

            _known.RemoveAt(0);
        }

        (_sequence, _hash) = (link.LastSequence, link.Hash);
        return null;
    }

    private VerifyChainResponse Broken(long first, long last, string code, string message)
    {
        var answer = new VerifyChainResponse
        {
            Broken = new BrokenLink { FirstSequence = first, LastSequence = last, Code = code, Message = message },
        };
        if (Last() is { } good)
        {
            answer.Last = good;
        }

        return answer;
    }

    private ChainPoint? Last() => _sequence == 0 ? null : new ChainPoint { Sequence = _sequence, Hash = Convert.ToHexStringLower(_hash) };
}
