using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Registrations;

/// <summary>
/// What this process has stored a moment ago, with the list that was set then: a worker of the same process need not read it again. Another
/// process reads it, and so does a later try. It can be lost at any time.
/// </summary>
internal sealed class FreshRegistrations(TimeProvider clock)
{
    /// <summary>So long a registration goes to the list that was set when it was stored, also where another is set meanwhile.</summary>
    public static readonly TimeSpan Trusted = TimeSpan.FromSeconds(5);

    private const int Most = 1_000;

    private readonly ConcurrentDictionary<Key, Entry> _entries = new();
    private readonly ConcurrentQueue<(Key Key, DateTimeOffset Until)> _inOrder = new();

    /// <summary>Keeps one that is stored.</summary>
    public void Put(TenantId tenant, Guid id, Contact contact, string? listKey)
    {
        var now = clock.GetUtcNow();
        while (_inOrder.TryPeek(out var oldest) && (oldest.Until <= now || _inOrder.Count >= Most) && _inOrder.TryDequeue(out var old))
        {
            _entries.TryRemove(old.Key, out _);
        }

        // without a list there is nothing to push, and a person sets one at any moment
        if (listKey is not null)
        {
            var (key, until) = (new Key(tenant, id), now + Trusted);
            _entries[key] = new Entry(contact, listKey, until);
            _inOrder.Enqueue((key, until));
        }
    }

    /// <summary>What is to be pushed, once; null where it must be read.</summary>
    public (Contact Contact, string ListKey)? Take(Claim claim) =>
        _entries.TryRemove(new Key(claim.Tenant, claim.RegistrationId), out var entry)
            && claim.Item.Attempts == 1 && entry.Until > clock.GetUtcNow()
            ? (entry.Contact, entry.ListKey)
            : null;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(TenantId Tenant, Guid Id);

    private sealed record Entry(Contact Contact, string ListKey, DateTimeOffset Until);
}
