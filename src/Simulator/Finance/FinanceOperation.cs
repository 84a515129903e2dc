using ZohoPlatform.Simulator.Finance.Lists;
using ZohoPlatform.Simulator.Finance.Writes;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>
/// What an address and a verb ask of a product, by the name that the counters have for it. Area and verb are those of the scope that a token
/// must have.
/// </summary>
internal sealed record FinanceOperation(
    string Name, string Area, string ScopeVerb, FinanceEntity? Entity, string? Id, string? Action, Func<FinanceCall, FinanceAnswer> Run)
{
    /// <summary>The list of organisations, which needs none.</summary>
    public bool NeedsOrganisation { get; init; } = true;

    /// <summary>The operation; an error where there is none there, or none for the verb.</summary>
    public static (FinanceOperation? Operation, FinanceError? Error) Find(FinanceProduct product, string verb, string path)
    {
        var segments = path[product.Path.Length..].Split('/');
        if (segments[0] is "organizations" && segments.Length <= 2)
        {
            return OnlyGet(new(
                $"{product.Name}.organizations.{(segments.Length == 1 ? "list" : "get")}", "settings", "READ", null, segments.ElementAtOrDefault(1),
                null, _ => throw new InvalidOperationException("Organisations are told before one is chosen."))
            {
                NeedsOrganisation = false,
            });
        }

        if (segments is ["itemdetails"])
        {
            return OnlyGet(new(
                $"{product.Name}.itemdetails.list", "itemdetails", "READ", FinanceEntities.Items, null, null, ListOperations.ItemDetails));
        }

        if (segments is [var single, { Length: > 0 } customised, "customfields"]
            && FinanceEntities.All.FirstOrDefault(one => one.Single == single && one.Products.HasFlag(product.Product)) is { } owner)
        {
            return verb is "PUT"
                ? (new($"{product.Name}.{owner.Name}.customfields", owner.Name, "UPDATE", owner, customised, null,
                    WriteOperations.SetCustomFields), null)
                : (null, FinanceError.WrongMethod);
        }

        if (FinanceEntities.Find(segments[0]) is not { } entity || !entity.Products.HasFlag(product.Product))
        {
            return (null, FinanceError.WrongAddress);
        }

        var action = string.Join('/', segments.Skip(2));
        return (segments.Length, verb) switch
        {
            (1, "GET") => (Of("list", "READ", null, ListOperations.List), null),
            (1, "POST") => (Of("create", "CREATE", null, WriteOperations.Create), null),
            // the files of Inventory and Invoice know no upsert
            (1, "PUT") when product.Product is Products.Books => (Of("upsert", "UPDATE", null, WriteOperations.Upsert), null),
            (1, _) => (null, FinanceError.WrongMethod),
            (2, _) when segments[1].Length == 0 => (null, FinanceError.WrongAddress),
            (2, "GET") => (Of("get", "READ", segments[1], ListOperations.Get), null),
            (2, "PUT") => (Of("update", "UPDATE", segments[1], WriteOperations.Update), null),
            (2, "DELETE") => (Of("delete", "DELETE", segments[1], WriteOperations.Delete), null),
            (2, _) => (null, FinanceError.WrongMethod),
            _ when entity.StateAfter(action, product.Product) is null => (null, FinanceError.WrongAddress),
            (_, "POST") => (Of("status", "CREATE", segments[1], WriteOperations.ChangeState), null),
            _ => (null, FinanceError.WrongMethod),
        };

        FinanceOperation Of(string name, string scopeVerb, string? id, Func<FinanceCall, FinanceAnswer> run) => new(
            $"{product.Name}.{entity.Name}.{name}", entity.Name, scopeVerb, entity, id, action, run);

        (FinanceOperation?, FinanceError?) OnlyGet(FinanceOperation operation) =>
            verb is "GET" ? (operation, null) : (null, FinanceError.WrongMethod);
    }
}
