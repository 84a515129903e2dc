using System.Security.Cryptography;

namespace ZohoPlatform.Simulator.Crm.Paging;

/// <summary>Where the next page begins.</summary>
/// <param name="Told">Rows that were told before it.</param>
/// <param name="After">The last of them.</param>
/// <param name="Ids">All ids of the first page's moment; null where the setting asks for none.</param>
internal sealed record PageStart(int Told, Place After, IReadOnlyList<long>? Ids);

/// <summary>
/// The page tokens that are out: each belongs to a user and to the other parameters of its list, and lives for 24 hours. Zoho CRM "Get
/// records".
/// </summary>
internal sealed class PageTokenLedger
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private readonly Dictionary<string, (string Bound, PageStart Start, DateTimeOffset ExpiresAt)> _tokens = new(StringComparer.Ordinal);

    // in the order they were given out; forgotten a day after their end, so that an expired one is told apart from an unknown one
    private readonly Queue<string> _order = new();

    public (string Token, DateTimeOffset ExpiresAt) Issue(string bound, PageStart start, DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && _tokens[oldest].ExpiresAt + Life <= now)
        {
            _tokens.Remove(_order.Dequeue());
        }

        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _tokens[token] = (bound, start, now + Life);
        _order.Enqueue(token);
        return (token, now + Life);
    }

    public PageStart Read(string token, string bound, DateTimeOffset now)
    {
        if (!_tokens.TryGetValue(token, out var known))
        {
            throw new CrmRefusal(CrmError.Invalid("the page token given seems to be invalid", new() { ["param_name"] = "page_token" }));
        }

        if (known.ExpiresAt <= now)
        {
            throw new CrmRefusal(new("EXPIRED_VALUE", "the page token given is expired", new() { ["param_name"] = "page_token" }));
        }

        return known.Bound == bound
            ? known.Start
            : throw new CrmRefusal(new(
                "TOKEN_BOUND_DATA_MISMATCH", "the parameters differ from those the page token was made with",
                new() { ["param_name"] = "page_token" }));
    }
}
