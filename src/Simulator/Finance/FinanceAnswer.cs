using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>What a call is answered: an integer code, a message, and what was asked for.</summary>
internal sealed record FinanceAnswer(int Status, JsonObject Body, string Outcome)
{
    /// <summary>Where a created row is.</summary>
    public string? Location { get; init; }

    public string? RetryAfter { get; init; }

    public static FinanceAnswer Success(string message, JsonObject? with = null, int status = StatusCodes.Status200OK)
    {
        var body = with ?? [];
        body.Insert(0, "message", message);
        body.Insert(0, "code", 0);
        return new(status, body, "success");
    }

    /// <summary>A refusal is a code and a message and nothing else.</summary>
    public static FinanceAnswer Refused(FinanceError error) => new(
        error.Status, new() { ["code"] = error.Code, ["message"] = error.Message }, error.Code.ToString(CultureInfo.InvariantCulture));
}

/// <summary>Why a call is refused.</summary>
internal sealed record FinanceError(int Code, string Message, int Status = StatusCodes.Status400BadRequest)
{
    public static readonly FinanceError NotAuthenticated = new(
        14,
        "The request could not be authenticated as the authentication value you entered is invalid. Enter a valid authentication value and try "
        + "again.",
        StatusCodes.Status401Unauthorized);

    public static readonly FinanceError NotAuthorized =
        new(57, "You are not authorized to perform this operation", StatusCodes.Status401Unauthorized);

    public static readonly FinanceError WrongAddress = new(5, "Invalid URL Passed", StatusCodes.Status404NotFound);

    public static readonly FinanceError WrongMethod = new(36, "Invalid HTTP method", StatusCodes.Status405MethodNotAllowed);

    public static readonly FinanceError NoOrganisation = new(4029, "Specify the organization.");

    public static FinanceError NotTheirs(string organisation) =>
        new(6041, $"This user is not associated with the CompanyID/CompanyName:{organisation}.");

    /// <summary>A value of the wrong type or form, or an id that nothing has.</summary>
    public static FinanceError Invalid(string field) => new(2, $"Invalid value passed for {field}");

    /// <summary>A field that must be filled.</summary>
    public static FinanceError Missing(string field) => new(4, $"Invalid value passed for {field}");

    /// <summary>A value that is none of those allowed.</summary>
    public static FinanceError NotAllowed(string field) => new(11, $"Invalid value passed for {field}");

    public static FinanceError TooLong(string field, int longest) =>
        new(15, string.Create(CultureInfo.InvariantCulture, $"Please ensure that the {field} has less than {longest} characters."));

    public static FinanceError Gone(FinanceEntity entity, FinanceSettings settings) =>
        new(entity.GoneCode, $"{entity.Noun} does not exist.", settings.GoneStatus);
}

/// <summary>Ends an operation; nothing was changed.</summary>
internal sealed class FinanceRefusal(FinanceError error) : Exception(error.Message)
{
    public FinanceError Error { get; } = error;
}
