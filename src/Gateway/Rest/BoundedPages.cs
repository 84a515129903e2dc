using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>Pages of a list that is bounded and read as a whole, such as a tenant's keys.</summary>
internal static class BoundedPages
{
    public const int MaxPage = 200;

    private const int UsualPage = 50;

    /// <summary>The page that is asked for, and the token of the one after it; null on the last one.</summary>
    /// <param name="all">In their order.</param>
    /// <param name="pageSize">As it was sent.</param>
    /// <param name="pageToken">The id that the page before ended with.</param>
    /// <param name="idOf">Of one of them.</param>
    public static Result<(IReadOnlyList<T> Page, string? Next)> Of<T>(
        IReadOnlyList<T> all, string? pageSize, string? pageToken, Func<T, string> idOf)
    {
        if (!QueryValues.PageSize(pageSize, MaxPage).Succeeded(out var size, out var failure))
        {
            return failure;
        }

        var first = 0;
        if (pageToken is not null)
        {
            while (first < all.Count && idOf(all[first]) != pageToken)
            {
                first++;
            }

            if (first == all.Count)
            {
                return Failure.InvalidField("page_token", "page_token is not one that a page ended with: begin again without it.");
            }

            first++;
        }

        var page = all.Skip(first).Take(size == 0 ? UsualPage : size).ToList();
        return (page, page.Count > 0 && first + page.Count < all.Count ? idOf(page[^1]) : null);
    }
}
