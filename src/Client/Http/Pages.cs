using System.Runtime.CompilerServices;

namespace ZohoPlatform.Client.Http;

internal static class Pages
{
    /// <summary>Every item of a bounded list, page by page.</summary>
    public static async Task<IReadOnlyList<TItem>> AllAsync<TPage, TItem>(
        Func<string?, CancellationToken, Task<TPage>> get,
        Func<TPage, (IReadOnlyList<TItem>? Items, string? Next)> split,
        CancellationToken cancellationToken)
    {
        var all = new List<TItem>();
        await foreach (var item in ItemsAsync(get, split, cancellationToken))
        {
            all.Add(item);
        }

        return all;
    }

    /// <summary>Every item of every page; the next page is asked for when it is needed.</summary>
    public static async IAsyncEnumerable<TItem> ItemsAsync<TPage, TItem>(
        Func<string?, CancellationToken, Task<TPage>> get,
        Func<TPage, (IReadOnlyList<TItem>? Items, string? Next)> split,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? token = null;
        do
        {
            var (items, next) = split(await get(token, cancellationToken));
            foreach (var item in items ?? [])
            {
                yield return item;
            }

            token = next;
        }
        while (!string.IsNullOrEmpty(token));
    }
}
