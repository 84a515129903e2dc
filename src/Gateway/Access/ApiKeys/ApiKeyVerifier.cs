using System.Collections.Concurrent;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>
/// Says who shows a key. What was read of a key is not read again for <see cref="Remembered"/>, which is therefore also how long a
/// deleted key can live on in another replica.
/// </summary>
internal sealed class ApiKeyVerifier(ApiKeyStore keys, TimeProvider clock)
{
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    // the key may have another secret by now: a wrong one has it read again, but no more often than this
    private static readonly TimeSpan RememberedAgainstWrong = TimeSpan.FromSeconds(1);

    private const int SweepAbove = 10_000;
    private const string SubjectPrefix = "key:";

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The caller behind a key; null where the key is unknown, wrong or expired.</summary>
    public async Task<Caller?> VerifyAsync(string text, CancellationToken cancellationToken)
    {
        if (!ApiKeyText.TryParse(text, out var shown))
        {
            return null;
        }

        var secret = shown.SecretSha256;
        var now = clock.GetUtcNow();
        if (_known.TryGetValue(shown.Id, out var known))
        {
            var isRight = known.Key.IsOpenedBy(secret, now);
            // its use is noted where it was right when it was read
            if (isRight ? known.UseIsNoted && now < known.ReadAt + Remembered : now < known.ReadAt + RememberedAgainstWrong)
            {
                return isRight ? known.CallerAt(now) : null;
            }
        }

        if (await keys.FindAsync(shown.Id, cancellationToken) is not { } key)
        {
            Forget(shown.Id);
            return null;
        }

        known = new Known(key, now, UseIsNoted: false);
        var caller = known.Key.IsOpenedBy(secret, now) ? known.CallerAt(now) : null;
        if (caller is not null)
        {
            await keys.NoteUseAsync(key, cancellationToken);
            known = known with { UseIsNoted = true };
        }

        Remember(known);
        return caller;
    }

    /// <summary>
    /// Whether a key that was verified is good as far as memory knows: it has not expired, and was not read with another secret. Null:
    /// memory does not know it any more.
    /// </summary>
    public bool? Recall(string text)
    {
        var now = clock.GetUtcNow();
        return ApiKeyText.TryParse(text, out var shown) && _known.TryGetValue(shown.Id, out var known)
            ? known.Key.IsOpenedBy(shown.SecretSha256, now) && known.CallerAt(now) is not null
            : null;
    }

    /// <summary>A key that was deleted or changed here is so here at once.</summary>
    public void Forget(string id) => _known.TryRemove(id, out _);

    public static string Subject(string keyId) => SubjectPrefix + keyId;

    public static string KeyIdOf(Caller caller) => caller.Subject[SubjectPrefix.Length..];

    private void Remember(Known known)
    {
        if (_known.Count >= SweepAbove)
        {
            var old = clock.GetUtcNow() - Remembered;
            foreach (var (id, entry) in _known)
            {
                if (entry.ReadAt <= old)
                {
                    _known.TryRemove(id, out _);
                }
            }
        }

        _known[known.Key.Id] = known;
    }

    private sealed record Known(ApiKey Key, DateTimeOffset ReadAt, bool UseIsNoted)
    {
        public Caller? CallerAt(DateTimeOffset now) => Key.ExpiresAt <= now
            ? null
            : new Caller(Key.TenantId, Key.Role, Subject(Key.Id)) { Owner = Key.Owner, Scope = string.Join(' ', Key.Permissions) };
    }
}
