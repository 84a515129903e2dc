using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ZohoPlatform.Storage;

/// <summary>How a service gets to its database. Bound from <c>Storage</c>; a wrong value stops the start.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>
    /// Password of the role that the service itself connects as, <c>{database}_service</c>. The role is made at start, owns nothing and cannot
    /// bypass row level security. <c>ConnectionStrings:{name}</c> is used only to prepare the database and must be allowed to create roles.
    /// </summary>
    [Required(ErrorMessage = "Storage:ServicePassword is missing: set it to the password for the role that the service connects to PostgreSQL as.")]
    [MinLength(16, ErrorMessage = "Storage:ServicePassword must have at least 16 characters.")]
    public string ServicePassword { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;
