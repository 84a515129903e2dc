using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>
/// One call, everything an operation may look at. The body is JSON at the root, or what a form gives as <c>JSONString</c>; null where there is
/// none or it is not JSON.
/// </summary>
internal sealed record FinanceCall(
    FinanceOrganisation Organisation, FinanceProduct Product, FinanceOperation Operation, IQueryCollection Query, IHeaderDictionary Headers,
    JsonNode? Body, DateTimeOffset Now, FinanceSettings Settings)
{
    public FinanceEntity Entity => Operation.Entity!;

    public FinanceTable Table => Organisation.Table(Entity);

    /// <summary>A parameter; null when it is missing or empty.</summary>
    public string? this[string name] => Query[name] is [{ Length: > 0 } text, ..] ? text : null;

    /// <summary>The row of the address, which must be there.</summary>
    public FinanceRow Row => long.TryParse(Operation.Id, System.Globalization.CultureInfo.InvariantCulture, out var id) && Table.Find(id) is { } row
        ? row
        : throw new FinanceRefusal(FinanceError.Gone(Entity, Settings));

    public JsonObject Fields => Body as JsonObject ?? [];

    public FinanceAnswer Show(string message, FinanceRow row, int status = StatusCodes.Status200OK) => FinanceAnswer.Success(
        message, new() { [Entity.Single] = FinanceJson.InDetail(Organisation, row, Product.Product) }, status);
}
