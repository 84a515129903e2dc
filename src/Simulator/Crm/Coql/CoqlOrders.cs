namespace ZohoPlatform.Simulator.Crm.Coql;

/// <summary>The order of a query's rows: by id when it names none; ties by id.</summary>
internal static class CoqlOrders
{
    public static IEnumerable<CrmRecord> Ordered(
        CrmOrganisation organisation, CrmModule module, IReadOnlyList<CoqlOrder> orders, Func<CrmRecord, bool> wanted)
    {
        var fields = orders.Select(order => (Field: CoqlColumns.Find(organisation, module, order.Name), order.Descending)).ToList();

        // the three orders that are kept cost no more than the rows that are looked at
        var kept = orders switch
        {
            [] => "id",
            [{ Name: "id" or "Modified_Time" or "Created_Time", Descending: false } only] => only.Name,
            [{ Name: "Modified_Time" or "Created_Time", Descending: false } first, { Name: "id", Descending: false }] => first.Name,
            _ => null,
        };
        if (kept is not null)
        {
            return module.Order(kept).Select(place => module.Find(place.Id)!).Where(wanted);
        }

        return module.Records.Where(wanted).Order(Comparer<CrmRecord>.Create((one, other) =>
        {
            foreach (var (field, descending) in fields)
            {
                var by = Compare(CrmComparison.Comparable(field.Of(one)), CrmComparison.Comparable(field.Of(other)));
                if (by != 0)
                {
                    return descending ? -by : by;
                }
            }

            return one.Id.CompareTo(other.Id);
        }));
    }

    private static int Compare(object? one, object? other) => (one, other) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        _ => CrmComparison.Compare(one, other),
    };
}
