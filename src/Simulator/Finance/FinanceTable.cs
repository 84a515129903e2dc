using System.Collections;
using ZohoPlatform.Simulator.Finance.Control;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>
/// The rows of one entity: those that were written, and generated ones, of which only what has changed since is kept. What a list shows in
/// which order is worked out once, as ids, until a row changes.
/// </summary>
internal sealed class FinanceTable(FinanceEntity entity)
{
    private const int MostViews = 2;

    private readonly Dictionary<long, FinanceRow> _kept = [];
    private readonly List<long> _written = [];
    private readonly LinkedList<(string Key, ArraySegment<long> Ids)> _views = new();
    private BitArray? _replaced;
    private int _gone;

    public FinanceEntity Entity { get; } = entity;

    public GeneratedRows? Generated { get; private set; }

    public int Count => _kept.Count + (Generated?.Count ?? 0) - _gone;

    /// <summary>Rows that somebody wrote or changed.</summary>
    public IEnumerable<FinanceRow> Kept => _kept.Values;

    public void Add(GeneratedRows block)
    {
        (Generated, _replaced) = (block, new(block.Count));
        _views.Clear();
    }

    public FinanceRow? Find(long id) => _kept.TryGetValue(id, out var row) ? row
        : Generated is { } block && block.Has(id) && !_replaced![(int)(id - block.FirstId)] ? new(block, id - block.FirstId)
        : null;

    /// <summary>Puts a new row in, or a changed one in place of what it was.</summary>
    public void Put(FinanceRow row)
    {
        if (!Replace(row.Id) && !_kept.ContainsKey(row.Id))
        {
            _written.Add(row.Id);
        }

        _kept[row.Id] = row;
        _views.Clear();
    }

    public void Delete(FinanceRow row)
    {
        Replace(row.Id);
        _kept.Remove(row.Id);
        _views.Clear();
    }

    /// <summary>
    /// Whether another row is so. Of the generated ones that one is asked whose title or code ends in the digits of <paramref name="value"/>.
    /// </summary>
    public bool HasOther(long id, string value, Func<FinanceRow, bool> isSo) =>
        _kept.Values.Any(row => row.Id != id && isSo(row))
        || (Generated?.Numbered(value) is { } generated && generated != id && !_kept.ContainsKey(generated) && Find(generated) is { } found
            && isSo(found));

    /// <summary>Whether rows point to that contact or item. Generated ones are taken to use all that they draw from.</summary>
    public bool PointsTo(long id, Func<FinanceRow, bool> isSo) => (Generated?.PointsTo(id) ?? false) || _kept.Values.Any(isSo);

    /// <summary>So many different rows by the seed; fewer when there are not as many.</summary>
    public List<FinanceRow> Pick(int count, Random random)
    {
        var picked = new Dictionary<long, FinanceRow>();
        var all = _written.Count + (Generated?.Count ?? 0);
        if (count * 2L < Count)
        {
            while (picked.Count < count)
            {
                var place = random.Next(all);
                var id = place < _written.Count ? _written[place] : Generated!.FirstId + place - _written.Count;
                if (Find(id) is { } row)
                {
                    picked[id] = row;
                }
            }

            return [.. picked.Values];
        }

        var ids = Sorted(null, null, "id");
        random.Shuffle(ids.AsSpan());
        return [.. ids.Take(count).Select(id => Find(id)!)];
    }

    /// <summary>The ids of the rows that a list shows, in its order. What the filter does is told by <paramref name="key"/> as well.</summary>
    public ArraySegment<long> View(string key, DateTimeOffset? since, Func<FinanceRow, bool>? filter, string column, bool descending)
    {
        key = $"{key}|{since?.UtcTicks}|{column}|{descending}";
        for (var node = _views.First; node is not null; node = node.Next)
        {
            if (node.Value.Key == key)
            {
                return node.Value.Ids;
            }
        }

        var ids = Sorted(since, filter, column);
        if (descending)
        {
            ids.AsSpan().Reverse();
        }

        _views.AddFirst((key, ids));
        if (_views.Count > MostViews)
        {
            _views.RemoveLast();
        }

        return ids;
    }

    /// <summary>The first so many ids behind one, in their order.</summary>
    public IEnumerable<long> IdsAfter(long id, int limit) => View("", null, null, "id", descending: false).SkipWhile(one => one <= id).Take(limit);

    private ArraySegment<long> Sorted(DateTimeOffset? since, Func<FinanceRow, bool>? filter, string column)
    {
        var kept = _kept.Values.Where(row => !(row.Modified < since) && (filter is null || filter(row))).ToArray();
        var first = Generated is null ? 0 : since is { } at ? Generated.FirstSince(at) : 0;
        // a million ids are much to copy: everything is done in one array
        var ids = new long[(Generated?.Count ?? 0) - first + kept.Length];
        var made = 0;
        for (var i = first; i < Generated?.Count; i++)
        {
            if (!_replaced![i] && (filter is null || filter(new(Generated, i))))
            {
                ids[made++] = Generated.FirstId + i;
            }
        }

        var sorted = new ArraySegment<long>(ids, 0, made + kept.Length);
        if (column is not "id" && Generated is not null && Generated.RisesBy(column))
        {
            Merge(ids, made, kept, column);
            return sorted;
        }

        for (var i = 0; i < kept.Length; i++)
        {
            ids[made + i] = kept[i].Id;
        }

        if (column is "id")
        {
            sorted.AsSpan().Sort();
        }
        else
        {
            var keys = new SortKey[sorted.Count];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = Find(ids[i])!.KeyOf(column);
            }

            Array.Sort(keys, ids, 0, keys.Length, SortKey.Order);
        }

        return sorted;
    }

    /// <summary>Generated rows stand in order; only the others are sorted, and each looks up its place, the last one first.</summary>
    private void Merge(long[] ids, int made, FinanceRow[] kept, string column)
    {
        var keys = Array.ConvertAll(kept, row => row.KeyOf(column));
        Array.Sort(keys, kept, SortKey.Order);
        for (var i = kept.Length - 1; i >= 0; i--)
        {
            var (low, high) = (0, made);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = SortKey.Order.Compare(Generated!.KeyOf(ids[middle] - Generated.FirstId, column), keys[i]) < 0
                    ? (middle + 1, high)
                    : (low, middle);
            }

            Array.Copy(ids, low, ids, low + i + 1, made - low);
            ids[low + i] = kept[i].Id;
            made = low;
        }
    }

    /// <summary>From now on the generated row with that id is not looked at. False where there is none.</summary>
    private bool Replace(long id)
    {
        if (Generated is not { } block || !block.Has(id))
        {
            return false;
        }

        if (!_replaced![(int)(id - block.FirstId)])
        {
            _replaced[(int)(id - block.FirstId)] = true;
            _gone++;
        }

        return true;
    }
}
